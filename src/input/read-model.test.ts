// The bundled model on its way out and in again, and everything that a zip or a folder should not be.
import { strToU8, unzipSync, zipSync } from 'fflate';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { foundFile, type HandOver } from './found-file.ts';
import { readModel } from './read-model.ts';
import { zipModel } from './write-model.ts';

type Files = Record<string, Uint8Array<ArrayBuffer>>;

const FOLDER = new URL('../../models/heartbeat-cnn/', import.meta.url);
const bundled: Files = Object.fromEntries(
  readdirSync(FOLDER).map((name) => [name, new Uint8Array(readFileSync(new URL(name, FOLDER)))]),
);
const text = (name: string): string => new TextDecoder().decode(bundled[name]);
const json = (name: string): Record<string, unknown> => JSON.parse(text(name)) as Record<string, unknown>;
const bytes = (content: unknown): Uint8Array<ArrayBuffer> =>
  new Uint8Array(strToU8(typeof content === 'string' ? content : JSON.stringify(content)));

/** A matcher would look at half a million numbers one by one. */
const isSame = (a: ArrayBuffer | Uint8Array | undefined, b: ArrayBuffer | Uint8Array | undefined): boolean =>
  Buffer.from(new Uint8Array(a ?? [])).equals(new Uint8Array(b ?? []));

function zipped(files: Files): HandOver {
  const zip = new Uint8Array(zipSync(files, { level: 0 }));
  return { files: [foundFile(new File([zip], 'model.zip'))], skipped: [], handles: [] };
}

function folder(files: Files): HandOver {
  const found = Object.entries(files).map(([path, content]) =>
    foundFile(new File([content], path.split('/').at(-1) ?? path), path),
  );
  return { files: found, skipped: [], handles: [] };
}

const within = (path: string, files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([name, content]) => [`${path}/${name}`, content]));

/** The bundled folder with some files changed, or left out where they are null. */
function changed(change: Record<string, unknown>): Files {
  const files: Files = { ...bundled };
  for (const [name, content] of Object.entries(change)) {
    if (content === null) Reflect.deleteProperty(files, name);
    else files[name] = content instanceof Uint8Array ? (content as Uint8Array<ArrayBuffer>) : bytes(content);
  }
  return files;
}

test('what is exported is what was read, byte for byte, and reads again as the same', async () => {
  const read = await readModel(folder(bundled));
  const zip = await zipModel(read);
  const files = unzipSync(new Uint8Array(await zip.arrayBuffer()));
  expect(Object.keys(files).sort()).toEqual(Object.keys(bundled).sort());
  for (const name of ['weights.bin', 'MODEL_CARD.md', 'replay.bin'])
    expect(isSame(files[name], bundled[name])).toBe(true);
  for (const name of ['manifest.json', 'model.json', 'golden.json', 'metrics.json'])
    expect(JSON.parse(new TextDecoder().decode(files[name]))).toEqual(json(name));
  const again = await readModel({ files: [foundFile(new File([zip], 'a.zip'))], skipped: [], handles: [] });
  expect(isSame(await (await zipModel(again)).arrayBuffer(), await zip.arrayBuffer())).toBe(true);
});

test.each([
  ['a zip', zipped(bundled)],
  ['a zip with a folder around it', zipped(within('my model', bundled))],
  ['a folder', folder(within('models/mine', bundled))],
  ['a zip with other things beside', zipped({ ...within('m', bundled), 'readme.txt': bytes('Hello') })],
])('a model comes as %s', async (_, handOver) => {
  const { manifest, weights, replay } = await readModel(handOver);
  expect(manifest.id).toBe('heartbeat-cnn');
  expect(isSame(weights, bundled['weights.bin'])).toBe(true);
  expect(replay === null).toBe(!('replay.bin' in bundled));
});

test('a model without known answers, figures and card is one', async () => {
  const bare = changed({ 'golden.json': null, 'metrics.json': null, 'MODEL_CARD.md': null });
  expect(await readModel(zipped(bare))).toMatchObject({ golden: null, metrics: null, card: '' });
});

const manifest = json('manifest.json');
const modelJson = json('model.json');
const huge = structuredClone(modelJson) as {
  modelTopology: { config: { layers: { config: { filters?: number } }[] } };
};
huge.modelTopology.config.layers[1]!.config.filters = 1e9;

describe('what is no model is refused with the reason:', () => {
  test.each<[what: string, files: Files, why: RegExp]>([
    ['sounds', { 'a.wav': bytes('RIFF') }, /no manifest\.json/],
    ['no network', changed({ 'model.json': null }), /no model\.json/],
    ['no weights', changed({ 'weights.bin': null }), /no weights\.bin/],
    ['two models', { ...within('a', bundled), ...within('b', bundled) }, /2 models/],
    ['a manifest that is no JSON', changed({ 'manifest.json': '{"schema":' }), /manifest\.json is damaged/],
    ['a manifest that is null', changed({ 'manifest.json': 'null' }), /manifest is not usable/],
    [
      'a newer one',
      changed({ 'manifest.json': { ...manifest, schema: 'heartbeat-model/2' } }),
      /newer version/,
    ],
    ['a foreign one', changed({ 'manifest.json': { ...manifest, schema: 'model/1' } }), /"schema"/],
    ['no labels', changed({ 'manifest.json': { ...manifest, labels: [] } }), /"labels"/],
    ['weights cut short', changed({ 'weights.bin': bundled['weights.bin']!.slice(8) }), /bytes of weights/],
    ['no TF.js model', changed({ 'model.json': { layers: [] } }), /no TF\.js layers model/],
    ['a layer that would take all memory', changed({ 'model.json': huge }), /too large/],
    ['known answers that are none', changed({ 'golden.json': { windows: 'all' } }), /golden\.json/],
    [
      'a card of many megabytes',
      changed({ 'MODEL_CARD.md': 'x'.repeat(2 ** 21) }),
      /MODEL_CARD\.md is too large/,
    ],
  ])('%s', async (_, files, why) => {
    await expect(readModel(zipped(files))).rejects.toThrow(why);
    await expect(readModel(zipped(files))).rejects.toMatchObject({ name: 'AppError' });
  });

  test('a path that leads out of the zip', async () => {
    await expect(readModel(zipped({ ...bundled, '../manifest.json': bytes(manifest) }))).rejects.toThrow(
      /leads out/,
    );
  });

  test.each([0, 100, -100])('a zip that is damaged or none (%i)', async (at) => {
    const zip = zipSync(bundled, { level: 0 });
    const cut = new Uint8Array(at === 0 ? bytes('Not a zip') : at > 0 ? zip.slice(0, at) : zip.slice(0, at));
    const handOver = { files: [foundFile(new File([cut], 'model.zip'))], skipped: [], handles: [] };
    await expect(readModel(handOver)).rejects.toMatchObject({ code: 'archive-invalid' });
  });

  test('a zip with a flipped bit', async () => {
    const zip = new Uint8Array(zipSync(bundled, { level: 0 }));
    const at = Math.floor(zip.length / 2);
    zip[at] = (zip[at] ?? 0) ^ 1;
    const handOver = { files: [foundFile(new File([zip], 'model.zip'))], skipped: [], handles: [] };
    await expect(readModel(handOver)).rejects.toMatchObject({ code: 'archive-invalid' });
  });
});
