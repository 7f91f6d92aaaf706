import { expect, test } from 'vitest';
import { FakeStore, FakeTheme, MANIFEST } from './fakes.ts';
import { SettingsState } from './settings.svelte.ts';

test('choices outlive the visit', () => {
  const store = new FakeStore();
  const first = new SettingsState(store, new FakeTheme());
  first.setTheme('dark');
  first.setThreshold(MANIFEST, 0.3);
  first.setBackend('wasm');
  first.setColourMap('grey');
  first.setShortcuts(false);
  const next = new SettingsState(store, new FakeTheme());
  expect([next.theme, next.thresholdOf(MANIFEST), next.backend, next.colourMap, next.hasShortcuts]).toEqual([
    'dark',
    0.3,
    'wasm',
    'grey',
    false,
  ]);
});

test('a choice that could not be kept is told, until one is', () => {
  const store = new FakeStore();
  const settings = new SettingsState(store, new FakeTheme());
  store.isFull = true;
  settings.setTheme('dark');
  expect([settings.theme, settings.isForgotten]).toEqual(['dark', true]);
  store.isFull = false;
  settings.setTheme('light');
  expect(settings.isForgotten).toBe(false);
});

test('what another tab has restored holds here, too; a choice that could not be kept stays for the visit', () => {
  const store = new FakeStore();
  const settings = new SettingsState(store, new FakeTheme());
  settings.setTheme('light');
  new SettingsState(store, new FakeTheme()).setTheme('dark');
  settings.readAnew();
  expect(settings.theme).toBe('dark');
  store.isFull = true;
  settings.setTheme('light');
  settings.readAnew();
  expect(settings.theme).toBe('light');
});

test.each([
  null,
  7,
  'x',
  { theme: 'pink', thresholds: { [MANIFEST.sha256]: 2 }, backend: 'abacus', colourMap: 1 },
])('what was stored and makes no sense is the default: %o', (saved) => {
  const store = new FakeStore();
  store.write('settings', saved);
  const settings = new SettingsState(store, new FakeTheme());
  expect([settings.theme, settings.thresholdOf(MANIFEST), settings.backend, settings.colourMap]).toEqual([
    'system',
    null,
    'auto',
    'magma',
  ]);
});

test('the system theme is followed while nothing else is chosen', () => {
  const system = new FakeTheme();
  const settings = new SettingsState(new FakeStore(), system);
  expect(settings.shownTheme).toBe('light');
  system.set(true);
  expect(settings.shownTheme).toBe('dark');
  settings.setTheme('light');
  expect(settings.shownTheme).toBe('light');
});

test('paper is always light', () => {
  const settings = new SettingsState(new FakeStore(), new FakeTheme());
  settings.setTheme('dark');
  settings.setPrinting(true);
  expect(settings.shownTheme).toBe('light');
  settings.setPrinting(false);
  expect(settings.shownTheme).toBe('dark');
});

test('a backend named in the address wins for this visit and is not stored', () => {
  const store = new FakeStore();
  const settings = new SettingsState(store, new FakeTheme(), 'cpu');
  expect([settings.backend, settings.isBackendFromAddress]).toEqual(['cpu', true]);
  settings.setTheme('dark');
  expect(new SettingsState(store, new FakeTheme()).backend).toBe('auto');
  settings.setBackend('wasm');
  expect([settings.backend, settings.isBackendFromAddress]).toEqual(['wasm', false]);
});

test('a threshold at either end is refused', () => {
  const settings = new SettingsState(new FakeStore(), new FakeTheme());
  for (const wrong of [0, 1, Number.NaN]) {
    settings.setThreshold(MANIFEST, wrong);
    expect(settings.thresholdOf(MANIFEST)).toBeNull();
  }
});

test('a threshold belongs to the model that it was set for', () => {
  const settings = new SettingsState(new FakeStore(), new FakeTheme());
  const other = { sha256: 'b'.repeat(64) };
  settings.setThreshold(MANIFEST, 0.3);
  expect([settings.thresholdOf(other), settings.thresholdOf(null)]).toEqual([null, null]);
  settings.setThreshold(other, 0.6);
  settings.setThreshold(MANIFEST, null);
  expect([settings.thresholdOf(MANIFEST), settings.thresholdOf(other)]).toEqual([null, 0.6]);
});

test.each(['__proto__', 'constructor', 'toString'])('no threshold is of a model called %s', (sha256) => {
  const settings = new SettingsState(new FakeStore(), new FakeTheme());
  expect(settings.thresholdOf({ sha256 })).toBeNull();
});
