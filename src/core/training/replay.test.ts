import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../archive/crc32.ts';
import { AppError } from '../errors.ts';
import { Random } from '../random.ts';
import { BitReader, BitWriter } from './replay-coder.ts';
import {
  assertReplayFits,
  decodeReplay,
  encodeReplay,
  inputKeyOf,
  readInputKey,
  replayTargets,
  type ReplaySet,
  type KeptWindow,
} from './replay.ts';
import { RECIPE } from './recipe.ts';

/** Like a heart sound's spectrogram: beats over bands that fade, under noise; mean and SD of anything. */
function drawSet(nWindows: number, nFrames: number, nMels: number, seed = 1): ReplaySet {
  const random = new Random(seed);
  const windows = Array.from({ length: nWindows }, (_, i): KeptWindow => {
    const period = 30 + random.integer(20);
    const values = Float32Array.from({ length: nFrames * nMels }, (_, at) => {
      const [frame, mel] = [Math.floor(at / nMels), at % nMels];
      return -40 + 10 * (Math.cos((2 * Math.PI * frame) / period) - mel / nMels) + 4 * random.normal();
    });
    const isReference = i % 3 === 0;
    return {
      label: i % 2 ? 'normal' : 'abnormal – sténose',
      source: `source ${i % 4}`,
      group: i,
      part: isReference ? 'reference' : 'replay',
      values,
    };
  });
  return { inputKey: 'any', nFrames, nMels, windows };
}

/** The only way in which a reader may fail. */
function decodeOrRefuse(bytes: Uint8Array): ReplaySet | null {
  try {
    return decodeReplay(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe('import-invalid');
    expect((error as AppError).message).toMatch(/^The .+\.$/);
    return null;
  }
}

/** The bytes with a checksum that says they are whole. */
function whole(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  new DataView(copy.buffer).setUint32(8, crc32(copy.subarray(12)), true);
  return copy;
}

function moments(values: Float32Array): { mean: number; sd: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, sd: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) };
}

describe('a replay set', () => {
  it('comes back with everything that is told of its windows', () => {
    const set = drawSet(9, 70, 48);
    const back = decodeReplay(encodeReplay(set));
    const told = ({ windows, ...shape }: ReplaySet) => ({
      ...shape,
      windows: windows.map(({ label, source, group, part }) => ({ label, source, group, part })),
    });
    expect(told(back)).toEqual(told(set));
  });

  it.each([
    [300, 48],
    [1, 1],
    [79, 128],
    [65, 3],
  ])('keeps windows of %i × %i alike: their level, their spread, their course', (nFrames, nMels) => {
    const set = drawSet(6, nFrames, nMels);
    const back = decodeReplay(encodeReplay(set));
    const { sd: step } = moments(Float32Array.from(set.windows.flatMap(({ values }) => [...values])));
    set.windows.forEach(({ values }, i) => {
      const other = back.windows[i]?.values ?? new Float32Array();
      expect(other).toHaveLength(values.length);
      const [a, b] = [moments(values), moments(other)];
      expect(Math.abs(a.mean - b.mean)).toBeLessThan(step);
      expect(Math.abs(a.sd - b.sd)).toBeLessThan(0.15 * step);
      // Coefficients are off by half a step at the edges of the dead zone, and the transform keeps distances.
      const rms = Math.sqrt(
        values.reduce((sum, value, at) => sum + (value - (other[at] ?? NaN)) ** 2, 0) / values.length,
      );
      expect(rms).toBeLessThan(0.85 * step);
    });
  });

  it('takes a small part of the room, and reads the same each time', () => {
    const set = drawSet(20, 300, 48);
    const bytes = encodeReplay(set);
    expect(bytes.length).toBeLessThan(0.2 * 20 * 300 * 48);
    const again = decodeReplay(bytes.buffer).windows;
    for (const [i, { values }] of decodeReplay(bytes).windows.entries())
      expect(values.every((value, at) => value === again[i]?.values[at])).toBe(true);
  });

  it('gives either part alone as it is in the whole', () => {
    const bytes = encodeReplay(drawSet(9, 70, 48));
    const whole = decodeReplay(bytes);
    for (const part of ['replay', 'reference'] as const)
      expect(decodeReplay(bytes, part)).toEqual({
        ...whole,
        windows: whole.windows.filter((window) => window.part === part),
      });
    expect(readInputKey(bytes)).toBe('any');
  });

  it('of silence alone is no trouble', () => {
    const set = drawSet(2, 10, 4);
    for (const window of set.windows) window.values.fill(-80);
    for (const { values } of decodeReplay(encodeReplay(set)).windows)
      expect(Math.max(...values.map((value) => Math.abs(value + 80)))).toBeLessThan(1e-3);
  });

  it('is refused by a model that hears otherwise', () => {
    const spec = { ...RECIPE.manifest };
    const set: ReplaySet = { ...drawSet(2, 300, 48), inputKey: inputKeyOf(spec) };
    assertReplayFits(set, spec);
    const reordered = { ...spec, features: { ...spec.features, nFft: spec.features.nFft } };
    assertReplayFits(set, { ...reordered, window: { ...spec.window, hopSec: 1, maxWindows: 1 } });
    for (const other of [
      { ...spec, sampleRateHz: 4000 },
      { ...spec, window: { ...spec.window, durationSec: 3 } },
      { ...spec, features: { ...spec.features, fMaxHz: 700 } },
    ])
      expect(() => assertReplayFits(set, other)).toThrow(/other features/);
  });
});

describe('reading a replay set that is none', () => {
  const bytes = encodeReplay(drawSet(4, 40, 12));

  it('refuses anything else, and every end that comes too soon', () => {
    for (const other of [new Uint8Array(), new Uint8Array(12), new TextEncoder().encode('RIFF and so on')])
      expect(decodeOrRefuse(other)).toBeNull();
    for (let length = 0; length < bytes.length; length += 7)
      expect(decodeOrRefuse(bytes.slice(0, length))).toBeNull();
  });

  it('refuses every single bit that is wrong', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (at) => {
        const damaged = bytes.slice();
        damaged[at >> 3] = (damaged[at >> 3] ?? 0) ^ (1 << (at & 7));
        expect(decodeOrRefuse(damaged)).toBeNull();
      }),
    );
  });

  it('never fails otherwise, also where the checksum is right', () => {
    const edit = fc.record({ at: fc.nat(bytes.length - 13), bytes: fc.uint8Array({ maxLength: 6 }) });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), fc.nat(bytes.length), (edits, cut) => {
        const made = bytes.slice(0, Math.max(12, bytes.length - (cut % 40)));
        for (const { at, bytes: written } of edits)
          made.set(written.subarray(0, Math.max(0, made.length - 12 - at)), Math.min(12 + at, made.length));
        const set = decodeOrRefuse(whole(made));
        if (set) expect(set.windows.length).toBeLessThan(100);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    [/"mean":[^,]+/, '"mean":1e308'],
    [/"step":[^,]+/, '"step":1e300'],
    [/"noise":\[[^,]+/, '"noise":[1e308'],
  ])('refuses %s of which no finite window can come', (field, instead) => {
    const headBytes = new DataView(bytes.buffer).getUint32(4, true);
    const head = new TextDecoder().decode(bytes.slice(12, 12 + headBytes)).replace(field, instead);
    expect(head).toContain(instead);
    const made = new Uint8Array(12 + head.length + bytes.length - 12 - headBytes);
    made.set(bytes.subarray(0, 4));
    made.set(new TextEncoder().encode(head), 12);
    made.set(bytes.subarray(12 + headBytes), 12 + head.length);
    new DataView(made.buffer).setUint32(4, head.length, true);
    expect(decodeOrRefuse(whole(made))).toBeNull();
  });

  it('takes no more memory than a file may ask for', () => {
    const text = new TextDecoder().decode(bytes);
    const claims = text.replace('"nFrames":40', '"nFrames":9999999').slice(12, text.indexOf('}') + 1);
    const made = new Uint8Array(12 + claims.length + 100);
    made.set(bytes.subarray(0, 12));
    made.set(new TextEncoder().encode(claims), 12);
    new DataView(made.buffer).setUint32(4, claims.length, true);
    expect(decodeOrRefuse(whole(made))).toBeNull();
  });
});

it('bits of any kind come back from the coder as they went in', () => {
  const bit = fc.record({ context: fc.nat(4), bit: fc.nat(1) });
  fc.assert(
    fc.property(fc.array(bit, { maxLength: 3000 }), fc.nat(100), (bits, bias) => {
      // Long runs of what is likely, too: that is where carries go through many bytes.
      const written = bits.map(({ context, bit }, i) => ({ context, bit: i % 100 < bias ? 1 : bit }));
      const writer = new BitWriter(4);
      for (const { context, bit } of written)
        if (context === 4) writer.writeEven(bit);
        else writer.write(context, bit);
      const bytes = writer.finish();
      const reader = new BitReader(bytes, 4);
      for (const { context, bit } of written)
        expect(context === 4 ? reader.readEven() : reader.read(context)).toBe(bit);
    }),
  );
});

describe('what a replay label means to a model', () => {
  const targets = (replay: string[], model: string[]) => Object.fromEntries(replayTargets(replay, model));

  it('is never a class of recordings in which no heart is heard', () => {
    expect(targets(['normal', 'abnormal'], ['normal', 'artifact'])).toEqual({ normal: [0], abnormal: null });
    expect(targets(['normal', 'abnormal'], ['normal', 'artifact', 'murmur'])).toEqual({
      normal: [0],
      abnormal: [2],
    });
  });

  it('with the same labels: itself, in the order of the model', () => {
    expect(targets(['abnormal', 'normal'], ['normal', 'abnormal'])).toEqual({ normal: [0], abnormal: [1] });
  });

  it('with other labels: any of those that only the model knows', () => {
    expect(targets(['abnormal', 'normal'], ['normal', 'murmur', 'extrastole'])).toEqual({
      normal: [0],
      abnormal: [1, 2],
    });
  });

  it('nothing, where every label of the model has a meaning of its own, or none is shared', () => {
    expect(targets(['a', 'b', 'c'], ['a', 'b'])).toEqual({ a: [0], b: [1], c: null });
    expect(targets(['normal', 'abnormal'], ['artifact', 'sound'])).toEqual({ normal: null, abnormal: null });
  });
});
