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

test('the address names a thing on the page', () => {
  const address = new FakeHash();
  address.hash = '#/models/a%2Fb%20c';
  const router = new RouterState(ROUTES, 'predict', address);
  expect([router.route, router.param]).toEqual(['models', 'a/b c']);
  address.visit('#/models');
  expect([router.route, router.param]).toEqual(['models', null]);
  address.visit('#/models/100%');
  expect(router.param).toBe('100%');
  address.visit('#/nowhere/1');
  expect([router.route, router.param]).toEqual(['predict', null]);
});

test('going to a thing writes an address that leads back to it', () => {
  const address = new FakeHash();
  const router = new RouterState(ROUTES, 'predict', address);
  router.go('models', 'ü/?#1');
  expect([router.route, router.param]).toEqual(['models', 'ü/?#1']);
  expect(new RouterState(ROUTES, 'predict', address).param).toBe('ü/?#1');
  router.go('predict');
  expect([router.param, address.hash]).toEqual([null, '#/predict']);
});
