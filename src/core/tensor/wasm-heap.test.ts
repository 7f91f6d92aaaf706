// Scratch space on a heap that can run out.

import { expect, it } from 'vitest';
import { guardMemory, scratch, type WasmBackend } from './wasm-heap.ts';

/** A heap that gives the addresses in turn and notes what is given back. */
function heap(addresses: number[]): { backend: WasmBackend; freed: number[] } {
  const freed: number[] = [];
  const wasm = {
    _malloc: () => addresses.shift() ?? 0,
    _free: (address: number) => void freed.push(address),
  };
  return { backend: { wasm } as unknown as WasmBackend, freed };
}

it('scratch space is kept for the same size or less and grown for more', () => {
  const { backend, freed } = heap([64, 128]);
  expect(scratch(backend, 'a', 8)).toBe(64);
  expect(scratch(backend, 'a', 4)).toBe(64);
  expect(scratch(backend, 'a', 9)).toBe(128);
  expect(freed).toEqual([64]);
});

it('a full heap is an error, and the block given back before is neither used nor freed again', () => {
  const { backend, freed } = heap([64, 0, 256]);
  scratch(backend, 'a', 8);
  const full = expect.objectContaining({ code: 'out-of-memory' });
  expect(() => scratch(backend, 'a', 9)).toThrow(full);
  expect(scratch(backend, 'a', 2)).toBe(256);
  expect(freed).toEqual([64]);
});

it('a guarded backend refuses a tensor for which there is no memory, and asks again for the next', () => {
  const { backend } = heap([0, 64, 0]);
  guardMemory(backend);
  guardMemory(backend);
  expect(() => backend.wasm._malloc(8)).toThrow(expect.objectContaining({ code: 'out-of-memory' }));
  expect(backend.wasm._malloc(8)).toBe(64);
  // Nothing is asked for: no address is no fault.
  expect(backend.wasm._malloc(0)).toBe(0);
});
