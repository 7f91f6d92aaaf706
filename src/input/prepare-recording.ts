// From a file to what the inference worker takes. WAV and FLAC go over as bytes, because browsers refuse
// them below 3 kHz and the worker does not; every other container is decoded here, because only a page has
// an OfflineAudioContext. Page side: may use the DOM and core, never a worker.

import { MAX_DURATION_SEC } from '../core/audio/limits.ts';
import { id3TagLength, sniffContainer } from '../core/audio/sniff.ts';
import { AppError } from '../core/errors.ts';
import type { AudioContainer, PcmAudio } from '../core/types.ts';
import type { RecordingSource } from '../rpc/protocol.ts';
import { breathe } from './breathe.ts';
import { inputText } from './input-text.ts';
import { readBytes } from './read-bytes.ts';

/**
 * Largest WAV or FLAC that is read: an hour of 24-bit stereo at 44.1 kHz is 0.95 GB. A tab that asks for
 * more than this at once is likely to be killed rather than to be told no.
 */
const MAX_BYTES = 1_000_000_000;

/** Largest compressed file: an hour at 256 kbit/s is 115 MB, and decoded it is ten times as much. */
const MAX_COMPRESSED_BYTES = 150_000_000;

/** Upsampling does not alias, and 48 kHz holds whatever a compressed file holds of a heart sound. */
const DECODE_RATE_HZ = 48_000;

/** How long a media element may take to tell the length of a file. */
const METADATA_TIMEOUT_MS = 3_000;

/** Samples copied between two breaths: a few milliseconds. */
const COPY_SAMPLES = 2 ** 21;

/** Bytes that name a container. */
const HEAD_BYTES = 4_096;

/** Files up to this size are read at once: a second reading costs as much as all of a usual recording. */
const READ_AT_ONCE_BYTES = 8_000_000;

/**
 * Reads a file and makes it ready for the worker.
 * @throws AppError `empty-file`, `unsupported-format`, `file-unreadable`, `decode-failed`, `too-long`, `out-of-memory`
 */
export async function prepareRecording(file: File): Promise<RecordingSource> {
  if (file.size === 0) {
    // A file that is gone has no size either, but only an empty one can be read.
    await readBytes(file, file.name);
    throw new AppError('empty-file', inputText.empty(file.name));
  }
  const whole = file.size <= READ_AT_ONCE_BYTES ? await readBytes(file, file.name) : null;
  const container = whole ? sniffContainer(new Uint8Array(whole)) : await sniff(file);
  if (container === null) {
    throw new AppError('unsupported-format', inputText.unknownFormat(file.name));
  }
  const isPlain = container === 'wav' || container === 'flac';
  if (file.size > (isPlain ? MAX_BYTES : MAX_COMPRESSED_BYTES)) {
    throw new AppError('too-long', inputText.tooLarge(file.name));
  }
  const read = (): Promise<ArrayBuffer> => (whole ? Promise.resolve(whole) : readBytes(file, file.name));
  if (isPlain) return { kind: 'bytes', bytes: await read() };
  return decodeOnPage(file, container, read);
}

/** An ID3 tag may have a picture in it, and be longer than a head: what comes behind it is read, too. */
async function sniff(file: File): Promise<AudioContainer | null> {
  const head = new Uint8Array(await readBytes(file.slice(0, HEAD_BYTES), file.name));
  const tagBytes = id3TagLength(head);
  if (tagBytes === 0) return sniffContainer(head);
  const behind = await readBytes(file.slice(tagBytes, tagBytes + HEAD_BYTES), file.name);
  return sniffContainer(new Uint8Array(behind)) === 'flac' ? 'flac' : sniffContainer(head);
}

async function decodeOnPage(
  file: File,
  container: AudioContainer,
  read: () => Promise<ArrayBuffer>,
): Promise<RecordingSource> {
  const started = performance.now();
  const announcedSec = await announcedDuration(file);
  if (announcedSec !== null && announcedSec > MAX_DURATION_SEC) throw tooLong(file.name);
  const bytes = await read();
  const sha256 = await sha256Hex(bytes);
  const pcm = await decodeAudio(bytes, file.name, container);
  return { kind: 'pcm', pcm, sha256, decodeMs: performance.now() - started };
}

async function decodeAudio(bytes: ArrayBuffer, name: string, container: AudioContainer): Promise<PcmAudio> {
  try {
    const context = new OfflineAudioContext(1, 1, DECODE_RATE_HZ);
    const buffer = await context.decodeAudioData(bytes);
    return { channels: await copyChannels(buffer), sampleRateHz: buffer.sampleRate };
  } catch (cause) {
    if (cause instanceof RangeError) throw new AppError('out-of-memory', inputText.noMemory(name), { cause });
    throw new AppError('decode-failed', inputText.undecodable(name, container.toUpperCase()), { cause });
  }
}

/** Copies, because the buffer's own memory cannot be transferred to a worker; in slices, because an hour is a gigabyte. */
async function copyChannels(buffer: AudioBuffer): Promise<Float32Array[]> {
  const channels: Float32Array[] = [];
  for (let c = 0; c < buffer.numberOfChannels; c++) {
    const channel = new Float32Array(buffer.length);
    for (let from = 0; from < buffer.length; from += COPY_SAMPLES) {
      buffer.copyFromChannel(channel.subarray(from, from + COPY_SAMPLES), c, from);
      await breathe();
    }
    channels.push(channel);
  }
  return channels;
}

/** Length as the container announces it, before anything is decoded; null where it does not say. */
function announcedDuration(file: File): Promise<number | null> {
  const url = URL.createObjectURL(file);
  const media = document.createElement('audio');
  return new Promise<number | null>((resolve) => {
    const settle = (durationSec: number | null): void => {
      clearTimeout(timer);
      media.removeAttribute('src');
      URL.revokeObjectURL(url);
      resolve(durationSec);
    };
    const timer = setTimeout(() => settle(null), METADATA_TIMEOUT_MS);
    media.preload = 'metadata';
    media.onloadedmetadata = () => settle(Number.isFinite(media.duration) ? media.duration : null);
    media.onerror = () => settle(null);
    media.src = url;
  });
}

async function sha256Hex(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function tooLong(name: string): AppError {
  return new AppError('too-long', inputText.tooLong(name, MAX_DURATION_SEC / 3600));
}
