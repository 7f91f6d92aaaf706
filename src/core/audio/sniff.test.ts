import { describe, expect, it } from 'vitest';
import { sniffContainer } from './sniff.ts';

const bytes = (...parts: (string | number)[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? [...part].map((c) => c.charCodeAt(0)) : [part])),
  );

describe('sniffContainer', () => {
  it.each([
    ['wav', bytes('RIFF', 0, 0, 0, 0, 'WAVE')],
    ['wav', bytes('RF64', 255, 255, 255, 255, 'WAVE')],
    ['wav', bytes('BW64', 255, 255, 255, 255, 'WAVE')],
    ['flac', bytes('fLaC', 0)],
    ['flac', bytes('ID3', 4, 0, 0, 0, 0, 0, 1, 9, 'fLaC')],
    ['mp3', bytes('ID3', 4, 0, 0, 0, 0, 0, 1, 9, 0xff, 0xfb)],
    ['mp3', bytes(0xff, 0xfb, 0x90, 0x64)],
    ['ogg', bytes('OggS', 0)],
    ['m4a', bytes(0, 0, 0, 32, 'ftypM4A ')],
    ['m4a', bytes(0xff, 0xf1, 0x50, 0x80)],
    ['webm', bytes(0x1a, 0x45, 0xdf, 0xa3)],
    [null, bytes('RIFF', 0, 0, 0, 0, 'AVI ')],
    [null, bytes('Dear diary')],
    [null, bytes(0xff, 0xfe, 0xff, 0)],
    [null, bytes()],
  ])('%s', (container, file) => {
    expect(sniffContainer(file)).toBe(container);
  });
});
