// Whatever way something comes in, it ends as one hand-over, one page or one recording.
import { expect, test } from 'vitest';
import type { HandOver } from '../input/found-file.ts';
import { errandOf, type LaunchListener } from '../input/launches.ts';
import { receiveArrivals } from './arrivals.ts';

const NOTHING: HandOver = { files: [], skipped: [], handles: [] };

function open(address: string, isInstalled = true) {
  const happened: string[] = [];
  let listener: LaunchListener | undefined;
  receiveArrivals(errandOf(address), {
    intake: {
      async take(handOver) {
        happened.push((await handOver) === NOTHING ? 'heard' : 'what is this');
      },
    },
    shared: {
      receive(outcome) {
        happened.push(`share ${outcome}`);
        return Promise.resolve();
      },
    },
    recorder: {
      start() {
        happened.push('recording');
        return Promise.resolve();
      },
    },
    address: { write: (hash) => happened.push(hash) },
    runsInstalled: () => isInstalled,
    listen: (given) => (listener = given),
  });
  return { happened, listener: listener! };
}

test('an address that asks for nothing does nothing', () => {
  expect(open('https://example.org/heart/?backend=wasm#/train').happened).toEqual([]);
});

test('what was shared is handed on, installed or not', () => {
  for (const isInstalled of [true, false])
    expect(open('https://example.org/?shared=0f2c#/predict', isInstalled).happened).toEqual(['share 0f2c']);
});

test('what is shared while the page is open is asked about on the Predict page', () => {
  const { happened, listener } = open('https://example.org/#/models');
  listener.onShare('0f2c');
  expect(happened).toEqual(['#/predict', 'share 0f2c']);
});

test('the shortcut of the installed program records; a link from anywhere does not', () => {
  expect(open('https://example.org/#/predict/record').happened).toEqual(['recording']);
  expect(open('https://example.org/#/predict/record', false).happened).toEqual([]);
});

test('a file opened with the program is listened to on the Predict page', async () => {
  const { happened, listener } = open('https://example.org/#/models');
  listener.onFiles(Promise.resolve(NOTHING));
  await Promise.resolve();
  expect(happened).toEqual(['#/predict', 'heard']);
});

test('a shortcut goes to its page in the window that is open; the icon alone stays where it is', () => {
  const { happened, listener } = open('https://example.org/');
  listener.onAddress(errandOf('https://example.org/'));
  listener.onAddress(errandOf('https://example.org/#/train'));
  listener.onAddress(errandOf('https://example.org/#/predict/record'));
  expect(happened).toEqual(['#/train', '#/predict', 'recording']);
});
