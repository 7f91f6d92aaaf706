import { expect, test } from 'vitest';
import { FakeHash } from './fakes.ts';
import { RouterState } from './router.svelte.ts';

const ROUTES = ['predict', 'models'] as const;

test('the address names the page', () => {
  const address = new FakeHash();
  address.hash = '#/models';
  const router = new RouterState(ROUTES, 'predict', address);
  expect(router.route).toBe('models');
  address.visit('#/predict');
  expect(router.route).toBe('predict');
});

test.each(['', '#', '#/', '#/nowhere', '#main'])('%o is the start page', (hash) => {
  const address = new FakeHash();
  address.hash = hash;
  expect(new RouterState(ROUTES, 'predict', address).route).toBe('predict');
});

test('going somewhere writes the address', () => {
  const address = new FakeHash();
  const router = new RouterState(ROUTES, 'predict', address);
  router.go('models');
  expect([router.route, address.hash]).toEqual(['models', '#/models']);
});
