// The page begins here: faults are noted from the first line on, the state is built, and the app is mounted on it. With
// `?automation` in the address the page is driven by the command line or a test instead, and draws nothing.

import { mount } from 'svelte';
import { errandOf } from './input/launches.ts';
import { MishapState } from './state/mishaps.svelte.ts';
import App from './ui/App.svelte';
import { buildState } from './wiring/app-state.ts';
import { livePage } from './wiring/page-life.ts';

const search = new URLSearchParams(location.search);

if (search.has('automation')) void import('./automation.ts');
else start();

function start(): void {
  const mishaps = new MishapState(location.origin);
  for (const type of ['error', 'unhandledrejection'] as const)
    addEventListener(type, (event) => mishaps.note(event));
  const openedAt = location.href;
  const errand = errandOf(openedAt);
  if (errand.rest !== openedAt) history.replaceState(history.state, '', errand.rest);
  const app = buildState(mishaps, search.get('backend'));
  const target = document.getElementById('app');
  target?.replaceChildren();
  if (target) mount(App, { target, props: { app } });
  livePage(app, openedAt, errand);
}
