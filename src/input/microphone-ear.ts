// The audio graph that listens to a microphone. Chromium keeps every AudioWorkletNode, and what hangs on it, for as long
// as its page lives, also when its context is closed: so a graph sleeps between recordings and is used again.
// Page side: may use the DOM, and the worklet of workers/.

import tapUrl from '../../workers/microphone.worklet.ts?worker&url';

export interface Ear {
  readonly context: AudioContext;
  /** Connected to the silent output of the context, which keeps it running in every browser. */
  readonly tap: AudioWorkletNode;
}

/** Those that nobody uses: more than one only where recordings had several rates, or overlapped. */
const asleep: Ear[] = [];

/** One of that rate for the caller alone; undefined: of the rate of the loudspeakers. Its context is to be resumed. */
export async function borrowEar(sampleRateHz: number | undefined): Promise<Ear> {
  const at = asleep.findIndex(({ context }) => context.sampleRate === (sampleRateHz ?? context.sampleRate));
  const [slept] = at < 0 ? [] : asleep.splice(at, 1);
  if (slept && slept.context.state !== 'closed') return slept;
  const context = new AudioContext(sampleRateHz === undefined ? {} : { sampleRate: sampleRateHz });
  try {
    await context.audioWorklet.addModule(tapUrl);
    // One channel, mixed by the browser.
    const options = { channelCount: 1, channelCountMode: 'explicit' } as const;
    const tap = new AudioWorkletNode(context, 'microphone-tap', options);
    tap.connect(context.destination);
    return { context, tap };
  } catch (error) {
    void context.close();
    throw error;
  }
}

/**
 * Has it listen to a stream.
 * @param onSound is given chunks of samples in −1..1, its own from then on
 * @returns ends that, and puts it to sleep
 */
export function listenWith(
  { context, tap }: Ear,
  stream: MediaStream,
  onSound: (samples: Float32Array) => void,
): () => void {
  // Whatever is left of an earlier recording is no part of this one.
  tap.port.postMessage('begin');
  tap.port.onmessage = ({ data }: MessageEvent<Float32Array>) => onSound(data);
  const source = context.createMediaStreamSource(stream);
  source.connect(tap);
  return () => {
    tap.port.onmessage = null;
    source.disconnect();
    context.suspend().catch(() => undefined);
    asleep.push({ context, tap });
  };
}
