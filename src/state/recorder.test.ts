import { expect, test, vi, type Mock } from 'vitest';
import { parseWav } from '../core/audio/wav.ts';
import { AppError } from '../core/errors.ts';
import type { Microphone, MicrophoneListener } from '../input/microphone.ts';
import { RecorderState } from './recorder.svelte.ts';

const RATE_HZ = 8000;

/** A microphone that hears what the test says. */
function studio(open?: () => Promise<Microphone>): {
  recorder: RecorderState;
  microphone: Microphone;
  close: Mock<() => void>;
  done: File[];
  listener: () => MicrophoneListener;
} {
  const close = vi.fn<() => void>();
  const microphone = { sampleRateHz: RATE_HZ, stillOn: ['noiseSuppression'] as const, close };
  const done: File[] = [];
  let heard: MicrophoneListener | null = null;
  const recorder = new RecorderState(
    (listener) => {
      heard = listener;
      return open?.() ?? Promise.resolve(microphone);
    },
    () => new Date(2026, 0, 31, 18, 5, 9),
    (file) => done.push(file),
  );
  const listener = (): MicrophoneListener => {
    if (!heard) throw new Error('nobody asked for the microphone');
    return heard;
  };
  return { recorder, microphone, close, done, listener };
}

const second = (value: number): Float32Array => new Float32Array(RATE_HZ).fill(value);

test('what is heard becomes a WAV file at the rate of the device', async () => {
  const { recorder, close, done, listener } = studio();
  await recorder.start();
  expect(recorder.phase).toMatchObject({ kind: 'recording', stillOn: ['noiseSuppression'] });
  listener().onSound(second(0.25));
  listener().onSound(second(-0.5));
  expect(recorder.durationSec).toBe(2);
  expect(recorder.highest).toBe(0.5);
  recorder.stop();
  expect(close).toHaveBeenCalledOnce();
  expect(recorder.phase.kind).toBe('idle');
  expect(done.map((file) => file.name)).toEqual(['recording-2026-01-31-18-05-09.wav']);
  expect(recorder.latest).toBe(done[0]);
  const { channels, sampleRateHz } = parseWav((await done[0]?.arrayBuffer()) ?? new ArrayBuffer(0));
  expect(sampleRateHz).toBe(RATE_HZ);
  expect(channels[0]).toHaveLength(2 * RATE_HZ);
  expect(channels[0]?.[0]).toBeCloseTo(0.25, 4);
  expect(channels[0]?.at(-1)).toBeCloseTo(-0.5, 4);
});

test('less than a second is refused', async () => {
  const { recorder, done, listener } = studio();
  await recorder.start();
  listener().onSound(second(0.1).subarray(1));
  recorder.stop();
  expect(recorder.phase).toMatchObject({ kind: 'failed', error: { code: 'too-short' } });
  expect(done).toEqual([]);
});

test('a microphone that is unplugged ends the recording, which is kept', async () => {
  const { recorder, done, listener } = studio();
  await recorder.start();
  listener().onSound(second(0.1));
  listener().onEnd();
  expect(recorder.phase.kind).toBe('idle');
  expect(done).toHaveLength(1);
  expect(recorder.wasCutShort).toBe(true);
  // Its news may come twice, and after the next recording has begun.
  const late = listener();
  await recorder.start();
  late.onEnd();
  expect(recorder.phase.kind).toBe('recording');
  listener().onSound(second(0.1));
  recorder.stop();
  expect(done).toHaveLength(2);
  expect(recorder.wasCutShort).toBe(false);
});

test('a microphone that is granted after the wish was withdrawn is let go at once', async () => {
  const { microphone, close } = studio();
  let grant = (): void => undefined;
  const asked = new Promise<Microphone>((resolve) => (grant = () => resolve(microphone)));
  const { recorder, done } = studio(() => asked);
  const started = recorder.start();
  expect(recorder.phase.kind).toBe('opening');
  recorder.cancel();
  grant();
  await started;
  expect(close).toHaveBeenCalledOnce();
  expect(recorder.phase.kind).toBe('idle');
  expect(done).toEqual([]);
});

test('a no is shown, and can be put away', async () => {
  const denied = new AppError('microphone-denied', 'No.');
  const { recorder } = studio(() => Promise.reject(denied));
  await recorder.start();
  expect(recorder.phase).toEqual({ kind: 'failed', error: denied });
  recorder.cancel();
  expect(recorder.phase.kind).toBe('idle');
});
