// Which recordings of a collection are the same sound, whatever their files are called and however they were
// encoded. Each fingerprint is looked up in a table of those before it: the cost grows with the number of
// recordings, not of pairs. Pure.

import type { Sliced } from '../sliced.ts';
import { isSameSound, pairAt } from './fingerprint.ts';
import type { CollectedRecording } from './types.ts';

type Sounding = Pick<CollectedRecording, 'id' | 'soundSha256' | 'fingerprint'>;

/** Pairs of frames that lead to a fingerprint: enough for some to come through an encoder unharmed. */
const KEYS_PER_RECORDING = 160;
/** Of a pair its lower bands: most of a heart sound is in them, so they change least. */
const KEY_BITS = 0x0fff0fff;
/** A pair that more fingerprints share than this says nothing of any of them: hum, for example. */
const MAX_SHARED = 40;

/** Ids in groups of two and more that are the same sound: groups and ids in the order given. */
export function* findDuplicates(recordings: readonly Sounding[]): Sliced<string[][]> {
  const groups = new Groups(recordings.length);
  const bySound = new Map<string, number>();
  const table = new KeyTable(recordings.length * KEYS_PER_RECORDING);
  for (const [at, { soundSha256, fingerprint }] of recordings.entries()) {
    yield;
    const same = bySound.get(soundSha256);
    if (same !== undefined) {
      groups.join(same, at);
      continue;
    }
    bySound.set(soundSha256, at);
    for (const other of soundingAlike(fingerprint, recordings, table)) groups.join(other, at);
    addKeys(fingerprint, at, table);
  }
  return groups.ofSeveral().map((members) => members.map((at) => recordings[at]?.id ?? ''));
}

/** Those in the table that are the same sound. */
function soundingAlike(
  fingerprint: Uint32Array,
  recordings: readonly Sounding[],
  table: KeyTable,
): Set<number> {
  const alike = new Set<number>();
  /** Recording and shift, so that no comparison is made twice. */
  const compared = new Set<number>();
  for (let frame = 0; frame + 1 < 2 * fingerprint.length; frame++) {
    const n = table.find(pairAt(fingerprint, frame) & KEY_BITS);
    for (let i = 0; i < n; i++) {
      const owner = table.owners[i] as number;
      const shift = (table.frames[i] as number) - frame;
      const comparison = owner * MAX_SHIFTS + shift;
      if (alike.has(owner) || compared.has(comparison)) continue;
      compared.add(comparison);
      if (isSameSound(fingerprint, recordings[owner]?.fingerprint ?? NOTHING, shift)) alike.add(owner);
    }
  }
  return alike;
}

const NOTHING = new Uint32Array(0);
/** More than there are frames in two fingerprints. */
const MAX_SHIFTS = 4096;

function addKeys(fingerprint: Uint32Array, owner: number, table: KeyTable): void {
  const step = Math.max(1, Math.ceil(fingerprint.length / KEYS_PER_RECORDING));
  for (let word = 0; word < fingerprint.length; word += step)
    table.add((fingerprint[word] as number) & KEY_BITS, owner, 2 * word);
}

/** What pairs of frames lead to: chains in typed arrays, because there are hundreds of thousands. */
class KeyTable {
  readonly owners = new Int32Array(MAX_SHARED);
  /** Of the owner's fingerprint, where the pair begins. */
  readonly frames = new Int32Array(MAX_SHARED);
  readonly #heads: Int32Array;
  readonly #keys: Uint32Array;
  readonly #entries: Uint32Array;
  /** Entry before in the same chain; -1: none. */
  readonly #before: Int32Array;
  #n = 0;

  constructor(capacity: number) {
    this.#heads = new Int32Array(2 ** Math.ceil(Math.log2(capacity + 1))).fill(-1);
    this.#keys = new Uint32Array(capacity);
    this.#entries = new Uint32Array(2 * capacity);
    this.#before = new Int32Array(capacity);
  }

  /** A pair with a silent frame leads nowhere. */
  add(key: number, owner: number, frame: number): void {
    if (isSilent(key)) return;
    const entry = this.#n++;
    const head = this.#headOf(key);
    this.#keys[entry] = key;
    this.#entries.set([owner, frame], 2 * entry);
    this.#before[entry] = this.#heads[head] as number;
    this.#heads[head] = entry;
  }

  /** How many were found, in `owners` and `frames` until the next call; none where too many have it. */
  find(key: number): number {
    if (isSilent(key)) return 0;
    let n = 0;
    for (let at = this.#heads[this.#headOf(key)] as number; at >= 0; at = this.#before[at] as number) {
      if (this.#keys[at] !== key) continue;
      if (n === MAX_SHARED) return 0;
      this.owners[n] = this.#entries[2 * at] as number;
      this.frames[n++] = this.#entries[2 * at + 1] as number;
    }
    return n;
  }

  #headOf(key: number): number {
    // Knuth's multiplicative hash: the bits of a fingerprint are not spread evenly.
    return (Math.imul(key, 0x9e3779b1) >>> 7) & (this.#heads.length - 1);
  }
}

function isSilent(pair: number): boolean {
  return (pair & 0xffff) === 0 || pair >>> 16 === 0;
}

/** Disjoint sets of places. */
class Groups {
  readonly #parents: Int32Array;

  constructor(size: number) {
    this.#parents = Int32Array.from({ length: size }, (_, at) => at);
  }

  join(a: number, b: number): void {
    const [one, other] = [this.#rootOf(a), this.#rootOf(b)];
    // The first of a group stands for it.
    this.#parents[Math.max(one, other)] = Math.min(one, other);
  }

  ofSeveral(): number[][] {
    const byRoot = new Map<number, number[]>();
    for (let at = 0; at < this.#parents.length; at++) {
      const root = this.#rootOf(at);
      const members = byRoot.get(root);
      if (members) members.push(at);
      else byRoot.set(root, [at]);
    }
    return [...byRoot.values()].filter((members) => members.length > 1);
  }

  #rootOf(at: number): number {
    let root = at;
    while (this.#parents[root] !== root) root = this.#parents[root] as number;
    this.#parents[at] = root;
    return root;
  }
}
