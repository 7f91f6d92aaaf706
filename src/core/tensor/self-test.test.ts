// The stored values of the self-test are what the cpu backend gives, and wrong arithmetic is found.
// To renew them after a change of the network: UPDATE_SELF_TEST=1 npx vitest run src/core/tensor/self-test.test.ts

import { writeFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { SELF_TEST_EXPECTED } from './self-test-expected.ts';
import { computeSelfTest, runSelfTest } from './self-test.ts';

/** The cpu backend, the oracle, is slow on a busy machine. */
vi.setConfig({ testTimeout: 60_000 });

const HEADER = `// What the cpu backend gives for self-test.ts, seven significant digits; a test checks it and says how to renew it.

/** In the order of computeSelfTest. */
// prettier-ignore
export const SELF_TEST_EXPECTED: readonly (readonly number[])[] = [
`;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('self-test', () => {
  it('has stored what the cpu backend gives', async () => {
    const values = await computeSelfTest();
    if (process.env['UPDATE_SELF_TEST']) {
      const rows = values.map(
        (row) => `  [${Array.from(row, (value) => Number(value.toPrecision(7))).join(', ')}],`,
      );
      writeFileSync(new URL('self-test-expected.ts', import.meta.url), `${HEADER}${rows.join('\n')}\n];\n`);
      return;
    }
    expect(values.map((row) => row.length)).toEqual(SELF_TEST_EXPECTED.map((row) => row.length));
    for (const [i, row] of values.entries()) {
      for (const [j, value] of row.entries()) expect(value).toBeCloseTo(SELF_TEST_EXPECTED[i]?.[j] ?? NaN, 5);
    }
  });

  it('passes on a backend that computes rightly and leaves no tensors behind', async () => {
    const before = tf.memory().numTensors;
    expect(await runSelfTest()).toBeNull();
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([
    ['zeros', () => 0],
    ['no numbers', () => NaN],
    ['slightly wrong sums', (value: number) => value * 1.01],
  ])('finds a kernel that gives %s', async (_, spoil) => {
    const kernel = tf.getKernel('Conv2D', 'cpu');
    tf.unregisterKernel('Conv2D', 'cpu');
    tf.registerKernel({
      ...kernel,
      kernelFunc: (parameters) => {
        const info = kernel.kernelFunc(parameters) as tf.TensorInfo;
        const data = (
          parameters.backend as unknown as { data: { get(id: object): { values: Float32Array } } }
        ).data;
        const { values } = data.get(info.dataId);
        values.set(values.map(spoil));
        return info;
      },
    });
    try {
      expect(await runSelfTest()).toMatch(/self-test/);
    } finally {
      tf.unregisterKernel('Conv2D', 'cpu');
      tf.registerKernel(kernel);
    }
  });
});
