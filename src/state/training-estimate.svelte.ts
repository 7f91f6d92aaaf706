// How long a run would take on this device, before it is begun: a few real steps of each way are timed in a worker
// of their own, once for each kind of step, while the choices rest.

import { judgingSeconds, readingSeconds, trainingSeconds, type StepCost } from '../core/training/estimate.ts';
import { TRAINING_WAYS, type TrainingWay } from '../core/training/types.ts';
import { isAbort } from '../core/errors.ts';
import type { BackendPreference } from '../rpc/protocol.ts';
import type { Later } from './ports.ts';
import type { TrainingForm } from './training-form.svelte.ts';
import type { RunModels, Trainer } from './training-ports.ts';

export interface EstimateDependencies {
  spawnTrainer: () => Trainer;
  models: RunModels;
  backend: () => BackendPreference;
  later: Later;
}

/** Choices that are not touched for so long are timed, milliseconds. */
const REST_MS = 700;

export class TrainingEstimate {
  readonly #form: TrainingForm;
  readonly #dependencies: EstimateDependencies;
  /** By kind of step; null where it cannot be timed. */
  #costs = $state.raw<Readonly<Record<string, StepCost | null>>>({});

  constructor(form: TrainingForm, dependencies: EstimateDependencies) {
    this.#form = form;
    this.#dependencies = dependencies;
  }

  /** Of a whole run; null while it is not known, or where nothing can be trained. */
  secondsOf(way: TrainingWay): number | null {
    const { plan, base } = this.#form;
    const cost = this.#costs[this.#kindOf(way)];
    if (!cost || !base || plan.notes.some(({ kind }) => kind === 'stop')) return null;
    const { manifest } = base;
    return (
      readingSeconds(plan) +
      trainingSeconds(way, this.#form.settingsOf(way), plan, manifest, cost) +
      judgingSeconds(plan, manifest, cost)
    );
  }

  /** Times what is not known yet, the chosen way first. Call it in an effect; the function returned calls it off. */
  follow(): () => void {
    const { way, ways, base, plan } = this.#form;
    if (plan.notes.some(({ kind }) => kind === 'stop')) return () => undefined;
    const wanted = [way, ...TRAINING_WAYS].find(
      (each) => ways.includes(each) && !(this.#kindOf(each) in this.#costs),
    );
    if (!base || wanted === undefined) return () => undefined;
    const calling = new AbortController();
    const callOff = this.#dependencies.later(() => void this.#measure(wanted, calling.signal), REST_MS);
    return () => {
      callOff();
      calling.abort();
    };
  }

  async #measure(way: TrainingWay, signal: AbortSignal): Promise<void> {
    const { base, plan } = this.#form;
    if (!base) return;
    const { spawnTrainer, models, backend } = this.#dependencies;
    const kind = this.#kindOf(way);
    const settings = this.#form.settingsOf(way);
    const trainer = spawnTrainer();
    const end = (): void => trainer.dispose();
    signal.addEventListener('abort', end, { once: true });
    try {
      // Wanted seldom: loaded then.
      const { draftCandidate } = await import('./candidate.ts');
      const assets = await models.assetsOf(base.key);
      const manifest = draftCandidate(assets.manifest, way, plan, assets.manifest.createdAt);
      await trainer.start({ manifest, backend: backend() });
      const from = way === 'scratch' ? null : assets;
      this.#learn(kind, await trainer.measureStep({ way, settings, from }));
    } catch (error) {
      // Called off it is asked again; what fails has no estimate.
      if (!isAbort(error) && !signal.aborted) this.#learn(kind, null);
    } finally {
      signal.removeEventListener('abort', end);
      trainer.dispose();
    }
  }

  #learn(kind: string, cost: StepCost | null): void {
    this.#costs = { ...this.#costs, [kind]: cost };
  }

  /** What a step depends on, and the number of classes makes no difference. */
  #kindOf(way: TrainingWay): string {
    const { base } = this.#form;
    const { batchSize } = this.#form.settingsOf(way);
    return JSON.stringify([
      way,
      batchSize,
      way === 'scratch' ? null : base?.key,
      this.#dependencies.backend(),
    ]);
  }
}
