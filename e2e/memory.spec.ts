// A long batch leaves nothing behind: as many tensors and bytes after the last recording as after the twentieth.
import { expect, test } from './app-test.ts';
import { AppSession } from '../src/cli/app-session.ts';
import { heartSound } from './recordings.ts';

const WARM_UP = 20;
const BATCH = 200;

test('tensors and bytes stay the same from one recording to the next', async () => {
  const session = await AppSession.open();
  try {
    await session.call('start', { model: null, backend: 'wasm' });
    const sounds = [1, 2, 3].map((seed) => heartSound(`heart-${String(seed)}.wav`, seed));
    const classify = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        const { name, buffer } = sounds[i % sounds.length] ?? heartSound();
        const file = session.offer({ fileName: name, read: () => Promise.resolve(buffer) });
        expect((await session.call('classify', file, null)).error).toBeNull();
      }
    };
    await classify(WARM_UP);
    const early = await session.call('memory');
    await classify(BATCH - WARM_UP);
    expect(await session.call('memory')).toEqual(early);
  } finally {
    await session.close();
  }
});
