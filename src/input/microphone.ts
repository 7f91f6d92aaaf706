// The microphone as a stream of samples, untouched as far as the browser lets it be: what browsers do to make
// speech clear takes heart sounds away. Uncompressed, at the device's own rate.
// Page side: may use the DOM, and the worklet of workers/.

import tapUrl from '../../workers/microphone.worklet.ts?worker&url';
import { AppError } from '../core/errors.ts';
import { inputText } from './input-text.ts';

/** What browsers do to a voice. */
const PROCESSING = ['echoCancellation', 'noiseSuppression', 'autoGainControl'] as const;
export type VoiceProcessing = (typeof PROCESSING)[number];

export interface Microphone {
  readonly sampleRateHz: number;
  /** What the browser goes on doing to the sound although it was asked not to. */
  readonly stillOn: readonly VoiceProcessing[];
  /** Lets go of the device. */
  close(): void;
}

export interface MicrophoneListener {
  /** A chunk of samples in −1..1: its own from now on. */
  onSound(samples: Float32Array): void;
  /**
   * No more sound comes: the device was unplugged, or the system took it away or stopped the page. Sound after a
   * gap would be joined to what came before, and no heart beats so.
   */
  onEnd(): void;
}

/**
 * Asks for the microphone and listens until closed.
 * @throws AppError `microphone-denied`, `microphone-missing`, `microphone-failed`
 */
export async function openMicrophone(listener: MicrophoneListener): Promise<Microphone> {
  const stream = await askForStream();
  const [track] = stream.getAudioTracks();
  const stop = (): void => stream.getTracks().forEach((each) => each.stop());
  let context: AudioContext | null = null;
  try {
    if (!track) throw new Error(inputText.microphone.silentStream);
    const settings = track.getSettings();
    // Before anything is waited for: a device that goes meanwhile says so only once.
    track.onended = () => listener.onEnd();
    context = new AudioContext(settings.sampleRate === undefined ? {} : { sampleRate: settings.sampleRate });
    await context.audioWorklet.addModule(tapUrl);
    // One channel, mixed by the browser; its silent output keeps it running in every browser.
    const options = { channelCount: 1, channelCountMode: 'explicit' } as const;
    const tap = new AudioWorkletNode(context, 'microphone-tap', options);
    tap.port.onmessage = ({ data }: MessageEvent<Float32Array>) => listener.onSound(data);
    context.createMediaStreamSource(stream).connect(tap).connect(context.destination);
    await context.resume();
    if (track.readyState === 'ended') throw new Error(inputText.microphone.disconnected);
    const open = context;
    const interrupted = (): void => {
      if (open.state !== 'running') listener.onEnd();
    };
    const frozen = (): void => listener.onEnd();
    open.addEventListener('statechange', interrupted);
    document.addEventListener('freeze', frozen);
    return {
      sampleRateHz: context.sampleRate,
      stillOn: PROCESSING.filter((name) => settings[name] === true),
      close(): void {
        tap.port.onmessage = null;
        open.removeEventListener('statechange', interrupted);
        document.removeEventListener('freeze', frozen);
        stop();
        void open.close();
      },
    };
  } catch (cause) {
    stop();
    void context?.close();
    throw failed(cause);
  }
}

async function askForStream(): Promise<MediaStream> {
  // Missing where the page did not come over a safe connection.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices) throw new AppError('microphone-missing', inputText.microphone.notHere);
  const audio = Object.fromEntries(PROCESSING.map((name) => [name, false]));
  try {
    return await devices.getUserMedia({ audio });
  } catch (cause) {
    throw failed(cause);
  }
}

function failed(cause: unknown): AppError {
  const name = cause instanceof DOMException ? cause.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError')
    return new AppError('microphone-denied', inputText.microphone.denied, { cause });
  if (name === 'NotFoundError')
    return new AppError('microphone-missing', inputText.microphone.none, { cause });
  const why = cause instanceof Error ? cause.message : String(cause);
  return new AppError('microphone-failed', inputText.microphone.failed(why), { cause });
}
