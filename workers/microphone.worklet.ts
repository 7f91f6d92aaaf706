// Runs in the audio thread: passes on what the microphone hears, in chunks of one channel, and writes nothing
// to the loudspeaker. The page's side is src/input/microphone.ts.

/** Samples per chunk: 43 ms at 48 kHz, often enough for a live picture. A multiple of the 128 that come at once. */
const CHUNK_SAMPLES = 2048;

// The compiler's libraries do not know this realm.
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: typeof AudioWorkletProcessor): void;

class MicrophoneTap extends AudioWorkletProcessor {
  #chunk = new Float32Array(CHUNK_SAMPLES);
  #filled = 0;

  constructor() {
    super();
    // Another recording begins.
    this.port.onmessage = () => (this.#filled = 0);
  }

  process(inputs: Float32Array[][]): boolean {
    const channel = inputs[0]?.[0];
    if (channel) {
      this.#chunk.set(channel, this.#filled);
      this.#filled += channel.length;
      if (this.#filled === CHUNK_SAMPLES) {
        this.port.postMessage(this.#chunk, [this.#chunk.buffer]);
        this.#chunk = new Float32Array(CHUNK_SAMPLES);
        this.#filled = 0;
      }
    }
    return true;
  }
}

registerProcessor('microphone-tap', MicrophoneTap);
