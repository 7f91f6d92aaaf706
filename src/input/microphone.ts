// The microphone as a stream of samples, untouched as far as the browser lets it be: what browsers do to make
// speech clear takes heart sounds away. Uncompressed, at the device's own rate.
// Page side: may use the DOM.

import { AppError } from '../core/errors.ts';
import { inputText } from './input-text.ts';
import { borrowEar, listenWith } from './microphone-ear.ts';

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
  let close = (): void => undefined;
  try {
    if (!track) throw new Error(inputText.microphone.silentStream);
    const settings = track.getSettings();
    // Before anything is waited for: a device that goes meanwhile says so only once.
    track.onended = () => listener.onEnd();
    const ear = await borrowEar(settings.sampleRate);
    const { context } = ear;
    close = listenWith(ear, stream, (samples) => listener.onSound(samples));
    await context.resume();
    if (track.readyState === 'ended') throw new Error(inputText.microphone.disconnected);
    const interrupted = (): void => {
      if (context.state !== 'running') listener.onEnd();
    };
    const frozen = (): void => listener.onEnd();
    context.addEventListener('statechange', interrupted);
    document.addEventListener('freeze', frozen);
    return {
      sampleRateHz: context.sampleRate,
      stillOn: PROCESSING.filter((name) => settings[name] === true),
      close(): void {
        context.removeEventListener('statechange', interrupted);
        document.removeEventListener('freeze', frozen);
        stop();
        close();
      },
    };
  } catch (cause) {
    stop();
    close();
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
