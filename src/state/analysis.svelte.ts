// The one recording that is open: what is being done to it, or what came of it.

import { toAppError, type AppError } from '../core/errors.ts';
import { rejudge, type Judgement } from '../core/report/rejudge.ts';
import type { RecordingAnalysis, RecordingPicture, RecordingResult } from '../core/types.ts';
import {
  classifyFile,
  type AnalysisStage,
  type ClassifyDependencies,
  type RecordingFile,
} from './classify-file.ts';

export type AnalysisPhase =
  | { kind: 'idle' }
  | { kind: 'working'; recording: RecordingFile; stage: AnalysisStage }
  | { kind: 'done'; recording: RecordingFile; result: RecordingResult; picture: RecordingPicture | null }
  /** The model could not be started: no fault of the recording's. A bad recording is `done` with its error. */
  | { kind: 'failed'; recording: RecordingFile; error: AppError };

export class AnalysisState {
  readonly #dependencies: ClassifyDependencies;
  #phase = $state.raw<AnalysisPhase>({ kind: 'idle' });
  #running: AbortController | null = null;

  constructor(dependencies: ClassifyDependencies) {
    this.#dependencies = dependencies;
  }

  get phase(): AnalysisPhase {
    return this.#phase;
  }

  /**
   * Opens a recording; one still under way is cancelled. Resolves to its answer, or null if it was cancelled.
   * @param threshold on the calibrated probability, 0..1; null: the model's own
   */
  async open(recording: RecordingFile, threshold: number | null): Promise<RecordingAnalysis | null> {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    const isCurrent = (): boolean => this.#running === running;
    const onStage = (stage: AnalysisStage): void => {
      if (isCurrent()) this.#phase = { kind: 'working', recording, stage };
    };
    try {
      const analysis = await classifyFile(
        this.#dependencies,
        recording,
        threshold,
        true,
        onStage,
        running.signal,
      );
      if (!isCurrent()) return null;
      this.#phase = { kind: 'done', recording, ...analysis };
      return analysis;
    } catch (error) {
      if (isCurrent() && !running.signal.aborted)
        this.#phase = { kind: 'failed', recording, error: toAppError(error) };
      return null;
    } finally {
      if (isCurrent()) this.#running = null;
    }
  }

  /** Shows an answer that is known already; there is no picture with it. */
  show(recording: RecordingFile, result: RecordingResult): void {
    this.close();
    this.#phase = { kind: 'done', recording, result, picture: null };
  }

  /** Says that it will be opened when the model is there. */
  expect(recording: RecordingFile): void {
    this.close();
    this.#phase = { kind: 'working', recording, stage: 'model' };
  }

  /** The model could not be started: this is what became of the recording. */
  fail(recording: RecordingFile, error: AppError): void {
    this.close();
    this.#phase = { kind: 'failed', recording, error };
  }

  /** Judges what is open at another threshold. */
  judgeBy(threshold: number, judgement: Judgement): void {
    if (this.#phase.kind === 'done')
      this.#phase = { ...this.#phase, result: rejudge(this.#phase.result, threshold, judgement) };
  }

  /** Stops what is under way and closes what is open. */
  close(): void {
    this.#running?.abort();
    this.#running = null;
    this.#phase = { kind: 'idle' };
  }
}
