// The labelled collection as a person sees it: what is kept to train on, what is said of it, which of it is the same
// sound, and the way back from the last change or deletion.

import type { CollectedRecording, RecordingFacts } from '../core/collection/types.ts';
import { AppError, toAppError } from '../core/errors.ts';
import { foldLabel } from '../core/training/label-names.ts';
import { linkGroups } from '../core/training/linked-groups.ts';
import type { PlannedRecording } from '../core/training/plan.ts';
import type { RecordingSource } from '../rpc/protocol.ts';
import type { CollectionStore } from '../storage/collection-record.ts';
import { AddingState, type AddingDependencies } from './adding.svelte.ts';
import { byIds, idSet } from './collection-rows.ts';
import { LastChange } from './last-change.svelte.ts';
import type { Later } from './ports.ts';
import { Removal } from './removal.svelte.ts';
import { stateText } from './state-text.ts';
import { without } from './without.ts';

export type CollectionPhase = { kind: 'loading' } | { kind: 'ready' } | { kind: 'failed'; error: AppError };

export interface CollectionDependencies extends Omit<
  AddingDependencies,
  'store' | 'known' | 'onAdded' | 'onStart' | 'onDone'
> {
  store: CollectionStore;
  later: Later;
  /** Makes what is awaited between slices of work on the page's thread. */
  pace: () => () => Promise<void> | undefined;
  /** Asks the browser not to throw the storage away; called once something is in it. */
  persist: () => Promise<unknown>;
}

export class CollectionState {
  readonly adding: AddingState;
  readonly removal: Removal<CollectedRecording>;
  /** Recordings as they were before the last change. */
  readonly lastChange: LastChange<CollectedRecording>;
  readonly #dependencies: CollectionDependencies;
  #phase = $state.raw<CollectionPhase>({ kind: 'loading' });
  #all = $state.raw<readonly CollectedRecording[]>([]);
  /** Why the latest change was not kept. */
  #error = $state.raw<AppError | null>(null);
  #sameSounds = $state.raw<readonly (readonly string[])[]>([]);
  /** Changes one after the other, in the order in which they were asked for. */
  #writing: Promise<void> = Promise.resolve();
  #comparing = 0;

  readonly #recordings = $derived.by(() => without(this.#all, this.removal.items));
  readonly #byId = $derived(byIds(this.#recordings));
  readonly #duplicates = $derived(
    this.#sameSounds.map((ids) => ids.filter((id) => this.#byId.has(id))).filter((ids) => ids.length > 1),
  );
  readonly #duplicateIds = $derived(idSet(this.#duplicates));

  constructor(dependencies: CollectionDependencies) {
    this.#dependencies = dependencies;
    this.removal = new Removal({
      later: dependencies.later,
      remove: (items) => dependencies.store.remove(items.map(({ id }) => id)),
      onGone: (items) => (this.#all = without(this.#all, items)),
      onFail: (items, error) => {
        this.#error = error;
        this.#all = [...items, ...this.#all];
      },
    });
    this.lastChange = new LastChange(dependencies.later, (before) => this.#takeBack(before));
    this.adding = new AddingState({
      ...dependencies,
      known: () => this.#all,
      onAdded: (recordings) => this.#take(recordings),
      onStart: () => this.removal.flush(),
      onDone: () => void this.#compare(),
    });
  }

  get phase(): CollectionPhase {
    return this.#phase;
  }

  /** In order of their coming. */
  get recordings(): readonly CollectedRecording[] {
    return this.#recordings;
  }

  /** Ids in groups that are the same sound. */
  get duplicates(): readonly (readonly string[])[] {
    return this.#duplicates;
  }

  get error(): AppError | null {
    return this.#error;
  }

  recording(id: string): CollectedRecording | null {
    return this.#byId.get(id) ?? null;
  }

  isDuplicate(id: string): boolean {
    return this.#duplicateIds.has(id);
  }

  /** Reads the list anew, unless it is growing. */
  async load(): Promise<void> {
    if (this.adding.phase.kind === 'adding') return;
    try {
      this.#all = await this.removal.listWhenRemoved(() => this.#dependencies.store.list());
      this.#phase = { kind: 'ready' };
      void this.#compare();
    } catch (error) {
      this.#phase = { kind: 'failed', error: toAppError(error) };
    }
  }

  /** The same for many; what was deleted before is gone for good then. */
  async change(ids: readonly string[], change: Partial<RecordingFacts>): Promise<void> {
    void this.removal.flush();
    const before = ids.flatMap((id) => this.#byId.get(id) ?? []);
    this.#apply(byIds(before.map((recording) => ({ ...recording, ...change }))));
    this.lastChange.offer(before);
    await this.#write(
      () => this.#dependencies.store.update(ids, change),
      () => {
        this.#apply(byIds(before));
        if (this.lastChange.items === before) this.lastChange.forget();
      },
    );
  }

  remove(ids: readonly string[]): void {
    this.lastChange.forget();
    this.removal.add(ids.flatMap((id) => this.#byId.get(id) ?? []));
  }

  /** Of those that are the same sound this one stays. */
  keepOnly(id: string): void {
    const group = this.#duplicates.find((ids) => ids.includes(id)) ?? [];
    this.remove(group.filter((other) => other !== id));
  }

  dismissError(): void {
    this.#error = null;
  }

  /** Those with a label, as a plan takes them; patients who share a sound are one. */
  plannedRecordings(): PlannedRecording[] {
    return linkGroups(
      this.#recordings.flatMap((recording) => planned(recording) ?? []),
      this.#duplicates,
    );
  }

  /** The file of a recording. @throws AppError `recordings-missing`, `storage-blocked` */
  async readFile(id: string): Promise<File> {
    const bytes = await this.#dependencies.store.readBytes(id);
    if (!bytes) throw new AppError('recordings-missing', stateText.recordingGone);
    return new File([bytes], this.#byId.get(id)?.fileName ?? id);
  }

  /** The sound of a recording, ready for a worker. @throws AppError `recordings-missing`, and what reading throws */
  async readSource(id: string): Promise<RecordingSource> {
    return await this.#dependencies.prepare(await this.readFile(id));
  }

  #take(added: readonly CollectedRecording[]): void {
    if (this.#all.length === 0 && added.length > 0) void this.#dependencies.persist();
    this.#all = [...this.#all, ...added];
    this.#phase = { kind: 'ready' };
  }

  /** Looks for the same sounds; begun anew, the search before is given up. Loaded when first wanted. */
  async #compare(): Promise<void> {
    const turn = ++this.#comparing;
    const { findDuplicates } = await import('../core/collection/duplicates.ts');
    const pace = this.#dependencies.pace();
    const search = findDuplicates(this.#all);
    for (;;) {
      const slice = search.next();
      if (slice.done) {
        this.#sameSounds = slice.value;
        return;
      }
      await pace();
      if (turn !== this.#comparing) return;
    }
  }

  #takeBack(before: readonly CollectedRecording[]): void {
    const now = before.flatMap(({ id }) => this.#byId.get(id) ?? []);
    this.#apply(byIds(before));
    void this.#write(
      () => this.#dependencies.store.restore(byIds(before)),
      () => this.#apply(byIds(now)),
    );
  }

  #apply(changed: ReadonlyMap<string, CollectedRecording>): void {
    this.#all = this.#all.map((recording) => changed.get(recording.id) ?? recording);
  }

  /** @param takeBack puts the screen back to what is stored */
  async #write(work: () => Promise<void>, takeBack: () => void): Promise<void> {
    this.#writing = this.#writing.then(work).catch((error: unknown) => {
      this.#error = toAppError(error);
      takeBack();
    });
    await this.#writing;
  }
}

const KNOWN_QUALITY = { good: 1, fair: null, poor: 0 } as const;

/** Null for one without a label: it takes no part in training. */
function planned(recording: CollectedRecording): PlannedRecording | null {
  const { id, fileName, label, group, source, quality, durationSec, side } = recording;
  if (label === null) return null;
  return {
    id,
    fileName,
    label: foldLabel(label),
    group: group ?? id,
    source,
    quality: KNOWN_QUALITY[quality.verdict],
    durationSec,
    side,
  };
}
