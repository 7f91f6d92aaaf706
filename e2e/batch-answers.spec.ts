// A batch through the pool of workers gives what each recording gets alone, whatever its neighbours and whatever
// the order; a corrupt file costs its own row and nothing else.
import { expect, test } from './app-test.ts';
import type { AutomationAnswer, FileAddress } from '../src/automation.ts';
import { AppSession } from '../src/cli/app-session.ts';
import { encodeWav } from '../src/core/audio/wav.ts';
import { simulateHeartSound } from '../src/core/audio/simulate.ts';
import type { RecordingResult } from '../src/core/types.ts';
import { badFiles } from './recordings.ts';

/** More than the largest group that a worker is given at a time. */
const BATCH = 40;
/** Positions of the corrupt file, the first and the last among them; one for each kind of bad file. */
const POSITIONS = [0, 1, 13, 24, 38, 39];
const CLIP_SEC = 4;

let session: AppSession;
let answers: AutomationAnswer[] = [];

test.describe.configure({ mode: 'serial' });

test.beforeAll(async () => {
  session = await AppSession.open();
  await session.listen((event) => {
    if (event.kind === 'answers') answers.push(...event.answers);
  });
  await session.call('start', { model: null, backend: 'wasm' });
});

test.afterAll(() => session.close());

interface Sound {
  fileName: string;
  bytes: Uint8Array;
}

const CLIPS: Sound[] = Array.from({ length: BATCH }, (_, i) => {
  const { samples, sampleRateHz } = simulateHeartSound(i % 2 === 0 ? 'normal' : 'murmur', i);
  const clip = samples.subarray(0, CLIP_SEC * sampleRateHz);
  return { fileName: `clip-${String(i)}.wav`, bytes: encodeWav({ samples: clip, sampleRateHz }) };
});

/** The list of a batch, as the page fetches it. */
function listOf(files: FileAddress[]): FileAddress {
  const read = (): Promise<Uint8Array> => Promise.resolve(Buffer.from(JSON.stringify(files)));
  return session.offer({ fileName: 'list.json', read });
}

/** Results by name. */
async function batch(sounds: Sound[]): Promise<Map<string, RecordingResult>> {
  answers = [];
  const files = sounds.map(({ fileName, bytes }) =>
    session.offer({ fileName, read: () => Promise.resolve(bytes) }),
  );
  await session.call('classifyAll', listOf(files), null);
  session.withdraw(...files);
  expect(answers.map(({ index }) => index).sort((a, b) => a - b)).toEqual([...sounds.keys()]);
  for (const { index, result } of answers) expect(result.fileName).toBe(sounds[index]?.fileName);
  return new Map(answers.map(({ result }) => [result.fileName, result]));
}

const NO_TIME = { decode: 0, features: 0, inference: 0, total: 0 };

/** Everything but when and how long. */
function numbers(result: RecordingResult | undefined): RecordingResult {
  return { ...(result as RecordingResult), timestamp: '', processingMs: NO_TIME };
}

test('a recording gets the same answer alone, in a batch, and in a batch in another order', async () => {
  const forwards = await batch(CLIPS);
  const backwards = await batch(CLIPS.toReversed());
  const [middle] = CLIPS.slice(16);
  const shuffled = await batch(CLIPS.map((_, i) => CLIPS[(i * 37) % BATCH] ?? (middle as Sound)));
  for (const { fileName, bytes } of CLIPS) {
    expect(numbers(backwards.get(fileName))).toEqual(numbers(forwards.get(fileName)));
    expect(numbers(shuffled.get(fileName))).toEqual(numbers(forwards.get(fileName)));
    if (!fileName.endsWith('7.wav')) continue;
    const file = session.offer({ fileName, read: () => Promise.resolve(bytes) });
    const single = await session.call('classify', file, null);
    expect(numbers(single)).toEqual(numbers(forwards.get(fileName)));
  }
});

test('a corrupt file, wherever it lies in a batch, changes nothing for the others', async () => {
  const clean = await batch(CLIPS);
  const corrupt = badFiles();
  for (const [at, position] of POSITIONS.entries()) {
    const { file, code } = corrupt[at % corrupt.length] as (typeof corrupt)[number];
    const bad = { fileName: `bad-${file.name}`, bytes: new Uint8Array(file.buffer) };
    const results = await batch(CLIPS.with(position, bad));
    expect(results.get(bad.fileName)?.error?.code).toBe(code);
    for (const [i, { fileName }] of CLIPS.entries())
      if (i !== position) expect(numbers(results.get(fileName))).toEqual(numbers(clean.get(fileName)));
  }
});

test('a batch that is stopped keeps what it has, and the next one works', async () => {
  answers = [];
  const files = CLIPS.flatMap((clip) => Array<Sound>(50).fill(clip)).map(({ fileName, bytes }) =>
    session.offer({ fileName, read: () => Promise.resolve(bytes) }),
  );
  const running = session.call('classifyAll', listOf(files), null);
  await expect.poll(() => answers.length).toBeGreaterThan(20);
  await session.call('stopClassifying');
  await running;
  session.withdraw(...files);
  expect(answers.length).toBeLessThan(files.length);
  expect(answers.every(({ result }) => result.error === null)).toBe(true);
  expect((await batch(CLIPS.slice(0, 5))).size).toBe(5);
});
