// Where a run is, how much of it is done, and how long its present stage will still take. Pure.

/** Of the run under way, in this order. Crashes lead back. */
export type RunStage =
  | { kind: 'starting' }
  /** Recordings on their way into the training worker; their embeddings; the answers of both models. */
  | { kind: 'reading' | 'embedding' | 'answering'; done: number; total: number }
  | {
      kind: 'training';
      /** From 1. */
      epoch: number;
      epochs: number;
      step: number;
      stepsPerEpoch: number;
      /** Mean of the epoch so far. */
      loss: number;
      msPerStep: number;
    }
  | { kind: 'weighing'; fraction: number }
  | { kind: 'storing' };

/** Where each stage begins and ends on the way from 0 to 1: rough, but it never goes back. */
const SPANS: Record<RunStage['kind'], readonly [number, number]> = {
  starting: [0, 0.01],
  reading: [0.01, 0.1],
  embedding: [0.1, 0.4],
  training: [0.1, 0.85],
  answering: [0.85, 0.95],
  weighing: [0.95, 0.99],
  storing: [0.99, 1],
};

/** Of a stage, 0..1. */
export function stageFraction(stage: RunStage): number {
  switch (stage.kind) {
    case 'starting':
    case 'storing':
      return 0;
    case 'weighing':
      return stage.fraction;
    case 'training':
      return Math.min(1, (stage.epoch - 1 + stage.step / stage.stepsPerEpoch) / stage.epochs);
    case 'reading':
    case 'embedding':
    case 'answering':
      return stage.total === 0 ? 1 : stage.done / stage.total;
  }
}

/** Of the whole run, 0..1. @param embeds whether embeddings come before training */
export function runFraction(stage: RunStage, embeds: boolean): number {
  const [low, high] = SPANS[stage.kind];
  const from = embeds && stage.kind === 'training' ? SPANS.embedding[1] : low;
  return from + (high - from) * stageFraction(stage);
}

/** Fraction of a stage from which its pace says something. */
const MIN_FRACTION = 0.02;
/** And the time after which it does, milliseconds. */
const MIN_MS = 1000;

/** Tells how long a stage will still take from how long it has taken so far. */
export class StagePace {
  #kind: RunStage['kind'] | null = null;
  #startedMs = 0;
  #from = 0;

  /** @param nowMs milliseconds, monotonic. @returns seconds, or null while nothing can be said */
  leftSec(stage: RunStage, nowMs: number): number | null {
    const fraction = stageFraction(stage);
    if (stage.kind !== this.#kind || fraction < this.#from) {
      this.#kind = stage.kind;
      this.#startedMs = nowMs;
      this.#from = fraction;
    }
    const done = fraction - this.#from;
    const elapsedMs = nowMs - this.#startedMs;
    if (done < MIN_FRACTION || elapsedMs < MIN_MS) return null;
    return ((1 - fraction) / done) * (elapsedMs / 1000);
  }
}
