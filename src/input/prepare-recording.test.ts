import { createHash } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { encodeWav } from '../core/audio/wav.ts';
import { prepareRecording } from './prepare-recording.ts';

const WAV = new Uint8Array(encodeWav({ samples: new Float32Array(4000), sampleRateHz: 2000 }));
/** The first bytes of an Ogg page: enough to be known as one. */
const OGG = new Uint8Array([0x4f, 0x67, 0x67, 0x53, 0, 2, ...new Uint8Array(60)]);

afterEach(() => vi.unstubAllGlobals());

/** A page that announces a length and decodes to one second of two channels, or does not. */
function stubBrowser(announcedSec: number, decode: () => unknown): void {
  vi.stubGlobal('document', {
    createElement: () => {
      const element = {
        duration: announcedSec,
        onloadedmetadata: () => undefined,
        removeAttribute: () => undefined,
      };
      setTimeout(() => element.onloadedmetadata());
      return element;
    },
  });
  vi.stubGlobal(
    'OfflineAudioContext',
    class {
      decodeAudioData(): Promise<unknown> {
        return Promise.resolve().then(decode);
      }
    },
  );
}

test('WAV goes over as its bytes, whatever it is called', async () => {
  const source = await prepareRecording(new File([WAV], 'sound.mp3'));
  if (source.kind !== 'bytes') throw new Error('expected bytes');
  expect(new Uint8Array(source.bytes)).toEqual(WAV);
});

test('FLAC behind a tag with a picture in it is not taken for MP3', async () => {
  const PICTURE_BYTES = 10_000;
  const size = [0, 0, PICTURE_BYTES >> 7, PICTURE_BYTES & 0x7f];
  const tag = new Uint8Array([0x49, 0x44, 0x33, 4, 0, 0, ...size, ...new Uint8Array(PICTURE_BYTES)]);
  const source = await prepareRecording(new File([tag, 'fLaC', new Uint8Array(60)], 'a.mp3'));
  expect(source.kind).toBe('bytes');
});

test('other containers are decoded on the page, with the hash of the file', async () => {
  const channel = new Float32Array(48_000).fill(0.25);
  stubBrowser(1, () => ({
    numberOfChannels: 2,
    sampleRate: 48_000,
    length: channel.length,
    copyFromChannel: (into: Float32Array, _: number, from: number) =>
      into.set(channel.subarray(from, from + into.length)),
  }));
  const source = await prepareRecording(new File([OGG], 'a.ogg'));
  if (source.kind !== 'pcm') throw new Error('expected sound');
  expect(source.pcm.sampleRateHz).toBe(48_000);
  expect(source.pcm.channels).toHaveLength(2);
  expect(source.pcm.channels[1]).toEqual(channel);
  expect(source.sha256).toBe(createHash('sha256').update(OGG).digest('hex'));
});

test('sound that announces more than an hour is refused before it is decoded', async () => {
  const decode = vi.fn();
  stubBrowser(3 * 3600, decode);
  await expect(prepareRecording(new File([OGG], 'night.ogg'))).rejects.toMatchObject({ code: 'too-long' });
  expect(decode).not.toHaveBeenCalled();
});

test('what the browser cannot decode says so', async () => {
  stubBrowser(1, () => {
    throw new DOMException('no', 'EncodingError');
  });
  await expect(prepareRecording(new File([OGG], 'a.ogg'))).rejects.toMatchObject({ code: 'decode-failed' });
});

test('an empty file', async () => {
  await expect(prepareRecording(new File([], 'a.wav'))).rejects.toMatchObject({ code: 'empty-file' });
});

test('text that is called .wav', async () => {
  const text = new File(['This is no sound at all.'], 'a.wav');
  await expect(prepareRecording(text)).rejects.toMatchObject({ code: 'unsupported-format' });
});

test('a file that vanishes while it is read', async () => {
  const file = new File([WAV], 'a.wav');
  file.arrayBuffer = () => Promise.reject(new DOMException('gone', 'NotFoundError'));
  await expect(prepareRecording(file)).rejects.toMatchObject({ code: 'file-unreadable' });
});

test('a file that is larger than a tab can hold', async () => {
  const file = Object.defineProperty(new File([WAV], 'a.wav'), 'size', { value: 3e9 });
  await expect(prepareRecording(file)).rejects.toMatchObject({ code: 'too-long' });
});

test('a recording of usual size is read once, a large one’s beginning before the whole', async () => {
  const reads = async (sizeBytes: number): Promise<[number, number][]> => {
    const file = Object.defineProperty(new File([WAV], 'a.wav'), 'size', { value: sizeBytes });
    const read: [number, number][] = [];
    const whole = file.arrayBuffer.bind(file);
    const slice = file.slice.bind(file);
    file.arrayBuffer = () => (read.push([0, sizeBytes]), whole());
    file.slice = (from = 0, to = 0) => (read.push([from, to]), slice(from, to));
    expect((await prepareRecording(file)).kind).toBe('bytes');
    return read;
  };
  expect(await reads(WAV.length)).toEqual([[0, WAV.length]]);
  const [head, ...rest] = await reads(20_000_000);
  expect(head?.[1]).toBeLessThan(10_000);
  expect(rest).toEqual([[0, 20_000_000]]);
});
