// A WAV that is made as its sound comes: by the player, piece by piece, and by the microphone. Its bytes leave
// the page's memory as they are added, and nothing here takes longer with the length of the sound.
// May use Blob and core/audio.

import { encodeWav } from '../core/audio/wav.ts';

const WAV_HEADER_BYTES = 44;
/** Bytes handed to the browser at once: joining and naming thousands of small parts would block the page. */
const PART_BYTES = 2 ** 20;
const BYTES_PER_SAMPLE = 2;

export class WavBlob {
  readonly #sampleRateHz: number;
  readonly #parts: Blob[] = [];
  readonly #open = new Uint8Array(PART_BYTES);
  #filled = 0;
  #nSamples = 0;

  constructor(sampleRateHz: number) {
    this.#sampleRateHz = sampleRateHz;
  }

  get durationSec(): number {
    return this.#nSamples / this.#sampleRateHz;
  }

  /** @param samples in −1..1, at most half a million at a time */
  add(samples: Float32Array): void {
    const sampleRateHz = this.#sampleRateHz;
    const bytes = encodeWav({ samples, sampleRateHz }).subarray(WAV_HEADER_BYTES);
    if (this.#filled + bytes.length > PART_BYTES) this.#close();
    this.#open.set(bytes, this.#filled);
    this.#filled += bytes.length;
    this.#nSamples += samples.length;
  }

  /** The whole file: 16 bit, one channel. */
  finish(): Blob {
    this.#close();
    return new Blob([this.#header(), ...this.#parts], { type: 'audio/wav' });
  }

  #close(): void {
    this.#parts.push(new Blob([this.#open.subarray(0, this.#filled)]));
    this.#filled = 0;
  }

  /** The encoder's own header of a silent file, with the lengths of the whole. */
  #header(): Uint8Array<ArrayBuffer> {
    const silent = encodeWav({ samples: new Float32Array(0), sampleRateHz: this.#sampleRateHz });
    const header = new Uint8Array(silent.subarray(0, WAV_HEADER_BYTES));
    const view = new DataView(header.buffer);
    view.setUint32(4, WAV_HEADER_BYTES - 8 + this.#nSamples * BYTES_PER_SAMPLE, true);
    view.setUint32(40, this.#nSamples * BYTES_PER_SAMPLE, true);
    return header;
  }
}
