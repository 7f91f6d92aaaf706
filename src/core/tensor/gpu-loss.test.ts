// A GPU that fails is noticed once, with a reason; a device given back on purpose is not a failure.

import type { KernelBackend } from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import { contextIsLost, onLivingBackend, TrustedSnapshots, watchForLoss } from './gpu-loss.ts';

function fakeDevice(): {
  backend: KernelBackend;
  lose: (info: { reason: string; message: string }) => void;
  fail: (message: string) => void;
} {
  let lose: (info: { reason: string; message: string }) => void = () => undefined;
  const listeners: ((event: { error: { message: string } }) => void)[] = [];
  const device = {
    lost: new Promise<{ reason: string; message: string }>((resolve) => (lose = resolve)),
    addEventListener: (_: string, listener: (event: { error: { message: string } }) => void) => {
      listeners.push(listener);
    },
  };
  return {
    backend: { device } as unknown as KernelBackend,
    lose: (info) => lose(info),
    fail: (message) => listeners.forEach((listener) => listener({ error: { message } })),
  };
}

describe('watchForLoss', () => {
  it('tells once that a WebGPU device was lost', async () => {
    const { backend, lose, fail } = fakeDevice();
    const onLost = vi.fn();
    watchForLoss('webgpu', backend, onLost);
    lose({ reason: 'unknown', message: 'driver reset' });
    await Promise.resolve();
    await Promise.resolve();
    fail('afterwards');
    expect(onLost.mock.calls).toEqual([
      [{ name: 'webgpu', reason: 'The graphics device was lost: driver reset.' }],
    ]);
  });

  it('takes an uncaptured error for a loss, since results after it are zeros', () => {
    const { backend, fail } = fakeDevice();
    const onLost = vi.fn();
    watchForLoss('webgpu', backend, onLost);
    fail('shader invalid');
    expect(onLost).toHaveBeenCalledOnce();
    expect(onLost).toHaveBeenCalledWith({
      name: 'webgpu',
      reason: 'The graphics device reported an error: shader invalid.',
    });
  });

  it('says nothing when the device was given back', async () => {
    const { backend, lose } = fakeDevice();
    const onLost = vi.fn();
    watchForLoss('webgpu', backend, onLost);
    lose({ reason: 'destroyed', message: '' });
    await Promise.resolve();
    await Promise.resolve();
    expect(onLost).not.toHaveBeenCalled();
  });

  it('tells that a WebGL context was lost', () => {
    const canvas = new EventTarget();
    const onLost = vi.fn();
    watchForLoss('webgl', { canvas } as unknown as KernelBackend, onLost);
    canvas.dispatchEvent(new Event('webglcontextlost'));
    expect(onLost).toHaveBeenCalledWith({ name: 'webgl', reason: 'The WebGL context was lost.' });
  });
});

describe('contextIsLost', () => {
  it('asks the WebGL context, and is false for a backend that has none', () => {
    const webgl = (lost: boolean): KernelBackend =>
      ({ gpgpu: { gl: { isContextLost: () => lost } } }) as unknown as KernelBackend;
    expect([contextIsLost(webgl(true)), contextIsLost(webgl(false))]).toEqual([true, false]);
    expect(contextIsLost({} as KernelBackend)).toBe(false);
  });
});

const news = (): Promise<void> => Promise.resolve();

describe('work on a GPU that is lost on the way', () => {
  it('is done again on the next backend, from the last snapshot that is surely good', async () => {
    let lost = false;
    const snapshots = new TrustedSnapshots<number>();
    const begins: (number | null)[] = [];
    const answer = await onLivingBackend(
      { isLost: () => lost, next: () => Promise.resolve((lost = false)), news },
      () => {
        begins.push(snapshots.rewind());
        if (begins.length > 1) return Promise.resolve('computed');
        for (const epoch of [1, 2, 3]) snapshots.add(epoch, lost);
        lost = true;
        snapshots.add(4, lost);
        return Promise.resolve('zeros');
      },
    );
    expect(answer).toBe('computed');
    expect(begins).toEqual([null, 2]);
  });

  it('begins on another backend when its own was lost between two calls', async () => {
    let lost = true;
    const work = vi.fn(() => Promise.resolve(lost ? 'zeros' : 'computed'));
    const next = (): Promise<unknown> => Promise.resolve((lost = false));
    expect(await onLivingBackend({ isLost: () => lost, next, news }, work)).toBe('computed');
    expect(work).toHaveBeenCalledOnce();
  });

  it('is done again when the GPU breaks off what was being read from it, and is known to be lost a little later', async () => {
    let lost = false;
    const work = vi
      .fn<() => Promise<string>>()
      .mockRejectedValueOnce(new DOMException('The device is lost.', 'AbortError'))
      .mockResolvedValue('computed');
    const next = (): Promise<unknown> => Promise.resolve((lost = false));
    const late = (): Promise<void> => Promise.resolve().then(() => void (lost = true));
    expect(await onLivingBackend({ isLost: () => lost, next, news: late }, work)).toBe('computed');
    expect(work).toHaveBeenCalledTimes(2);
  });

  it('is not repeated for an abort or for an error of its own', async () => {
    const next = vi.fn(() => Promise.resolve());
    const abort = new DOMException('cancelled', 'AbortError');
    let lost = false;
    const cancelled = (): Promise<never> => {
      lost = true;
      return Promise.reject(abort);
    };
    await expect(
      onLivingBackend({ isLost: () => lost, next, isCancelled: () => true, news }, cancelled),
    ).rejects.toBe(abort);
    const own = new Error('own');
    const isLost = (): boolean => false;
    await expect(onLivingBackend({ isLost, next, news }, () => Promise.reject(own))).rejects.toBe(own);
    expect(next).not.toHaveBeenCalled();
  });
});
