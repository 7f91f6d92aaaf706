// Plays a recording through an audio element and says where it is, frame by frame while it plays.

import { isAbort } from '../../core/errors.ts';
import type { MonoAudio } from '../../core/types.ts';
import { playableWav } from './playable-sound.ts';

export class Player {
  readonly durationSec: number;
  readonly #element = new Audio();
  readonly #ended = new AbortController();
  #positionSec = $state(0);
  #isPlaying = $state(false);
  #isReady = $state(false);
  #hasFailed = $state(false);
  #frame = 0;
  #url: string | null = null;

  /** @param highest largest magnitude in the samples */
  constructor(audio: MonoAudio, highest: number) {
    this.durationSec = audio.samples.length / audio.sampleRateHz;
    this.#element.addEventListener('ended', () => this.pause());
    this.#element.addEventListener('error', () => this.#fail());
    void this.#prepare(audio, highest);
  }

  get positionSec(): number {
    return this.#positionSec;
  }

  get isPlaying(): boolean {
    return this.#isPlaying;
  }

  /** False for the moment that the sound needs to be made playable. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** This browser will not play it. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  toggle(): void {
    if (this.#isPlaying) this.pause();
    else void this.#play();
  }

  pause(): void {
    this.#element.pause();
    cancelAnimationFrame(this.#frame);
    this.#isPlaying = false;
  }

  seek(sec: number): void {
    this.#positionSec = Math.min(this.durationSec, Math.max(0, sec));
    if (this.#isReady) this.#element.currentTime = this.#positionSec;
  }

  dispose(): void {
    this.#ended.abort();
    this.pause();
    this.#element.removeAttribute('src');
    if (this.#url) URL.revokeObjectURL(this.#url);
  }

  async #prepare(audio: MonoAudio, highest: number): Promise<void> {
    try {
      const wav = await playableWav(audio, highest, this.#ended.signal);
      if (!wav) return;
      this.#url = URL.createObjectURL(wav);
      this.#element.src = this.#url;
      this.#isReady = true;
    } catch {
      this.#fail();
    }
  }

  async #play(): Promise<void> {
    if (!this.#isReady) return;
    if (this.#positionSec >= this.durationSec) this.#positionSec = 0;
    this.#element.currentTime = this.#positionSec;
    // The wish counts at once, so that a second press while the browser gets ready is a pause.
    this.#isPlaying = true;
    try {
      await this.#element.play();
      if (this.isPlaying) this.#tick();
    } catch (error) {
      // A pause before the sound began; nothing is wrong.
      if (!isAbort(error)) this.#fail();
    }
  }

  #tick(): void {
    this.#positionSec = Math.min(this.durationSec, this.#element.currentTime);
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#tick());
  }

  #fail(): void {
    if (this.#ended.signal.aborted) return;
    this.#hasFailed = true;
    this.#isPlaying = false;
  }
}
