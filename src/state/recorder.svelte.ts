// Recording from the microphone: from the question for it to a WAV file like any other.

import { MAX_DURATION_SEC, MIN_DURATION_SEC } from '../core/audio/limits.ts';
import { AppError, toAppError } from '../core/errors.ts';
import type { Microphone, MicrophoneListener, VoiceProcessing } from '../input/microphone.ts';
import { WavBlob } from '../input/wav-blob.ts';
import { stateText } from './state-text.ts';

export type RecorderPhase =
  | { kind: 'idle' }
  /** The browser asks whether it may. */
  | { kind: 'opening' }
  | { kind: 'recording'; sampleRateHz: number; stillOn: readonly VoiceProcessing[] }
  | { kind: 'failed'; error: AppError };

/** @throws AppError `microphone-denied`, `microphone-missing`, `microphone-failed` */
export type OpenMicrophone = (listener: MicrophoneListener) => Promise<Microphone>;

/** Chunks that the live picture shows: about 12 seconds. */
const SHOWN_CHUNKS = 280;

export class RecorderState {
  readonly #open: OpenMicrophone;
  readonly #now: () => Date;
  readonly #onDone: (file: File) => void;
  #phase = $state.raw<RecorderPhase>({ kind: 'idle' });
  #levels = $state.raw<readonly number[]>([]);
  #durationSec = $state(0);
  #highest = $state(0);
  #latest = $state.raw<File | null>(null);
  #wasCutShort = $state(false);
  #microphone: Microphone | null = null;
  #wav: WavBlob | null = null;
  /** Sound of one wish to record only: a cancelled one may still be asking. */
  #attempt = 0;

  /** @param onDone is given each finished recording */
  constructor(open: OpenMicrophone, now: () => Date, onDone: (file: File) => void) {
    this.#open = open;
    this.#now = now;
    this.#onDone = onDone;
  }

  get phase(): RecorderPhase {
    return this.#phase;
  }

  /** Largest magnitude of each of the latest chunks, oldest first. */
  get levels(): readonly number[] {
    return this.#levels;
  }

  get durationSec(): number {
    return this.#durationSec;
  }

  /** Largest magnitude so far, 0..1. */
  get highest(): number {
    return this.#highest;
  }

  /** The latest finished recording: it is nowhere else until somebody saves it. */
  get latest(): File | null {
    return this.#latest;
  }

  /** Not a person ended the latest recording, but the device or the system. */
  get wasCutShort(): boolean {
    return this.#wasCutShort;
  }

  async start(): Promise<void> {
    if (this.#phase.kind === 'opening' || this.#phase.kind === 'recording') return;
    const attempt = ++this.#attempt;
    this.#levels = [];
    this.#durationSec = 0;
    this.#highest = 0;
    this.#wav = null;
    this.#phase = { kind: 'opening' };
    try {
      const microphone = await this.#open({
        onSound: (samples) => this.#hear(attempt, samples),
        onEnd: () => this.#cutShort(attempt),
      });
      if (attempt !== this.#attempt) {
        microphone.close();
        return;
      }
      const { sampleRateHz, stillOn } = microphone;
      this.#microphone = microphone;
      this.#wav = new WavBlob(sampleRateHz);
      this.#phase = { kind: 'recording', sampleRateHz, stillOn };
    } catch (error) {
      if (attempt === this.#attempt) this.#phase = { kind: 'failed', error: toAppError(error) };
    }
  }

  /** Ends the recording and hands it over; one that is too short to be heard is a failure. */
  stop(): void {
    const wav = this.#wav;
    if (this.#phase.kind !== 'recording' || !wav) return;
    this.cancel();
    if (wav.durationSec < MIN_DURATION_SEC) {
      const error = new AppError('too-short', stateText.tooShort(wav.durationSec));
      this.#phase = { kind: 'failed', error };
      return;
    }
    this.#latest = new File([wav.finish()], `recording-${stamp(this.#now())}.wav`, { type: 'audio/wav' });
    this.#wasCutShort = false;
    this.#onDone(this.#latest);
  }

  /** Ends it and keeps nothing; also puts a failure away. */
  cancel(): void {
    this.#attempt++;
    this.#microphone?.close();
    this.#microphone = null;
    this.#wav = null;
    this.#phase = { kind: 'idle' };
  }

  #cutShort(attempt: number): void {
    if (attempt !== this.#attempt) return;
    const before = this.#latest;
    this.stop();
    this.#wasCutShort = this.#latest !== before;
  }

  #hear(attempt: number, samples: Float32Array): void {
    if (attempt !== this.#attempt || !this.#wav) return;
    this.#wav.add(samples);
    const level = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    this.#levels = [...this.#levels.slice(1 - SHOWN_CHUNKS), level];
    this.#highest = Math.max(this.#highest, level);
    this.#durationSec = this.#wav.durationSec;
    if (this.#durationSec >= MAX_DURATION_SEC) this.stop();
  }
}

/** Local date and time as a file name may have them: `2026-01-31-18-05-09`. */
function stamp(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const parts = [date.getMonth() + 1, date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds()];
  return [date.getFullYear(), ...parts.map(two)].join('-');
}
