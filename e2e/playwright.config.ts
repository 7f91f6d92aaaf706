// End-to-end tests of the built app, served as it is served to people, in whatever Chromium is there.
// Two workers: a test waits as often as it computes.

import { defineConfig } from 'playwright/test';
import { browserArguments, ensureBrowser } from '../src/cli/browser.ts';
import { outsideArguments } from './outside.ts';

// Found (or installed) once; the test processes inherit the answer.
process.env['CHROMIUM_PATH'] ??= ensureBrowser((line) => {
  console.error(line);
});

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  globalSetup: './serve-app.ts',
  workers: 2,
  // Test by test, so that both end at the same time.
  fullyParallel: true,
  forbidOnly: Boolean(process.env['CI']),
  timeout: 60_000,
  expect: { timeout: 20_000 },
  reporter: [['list'], ['json', { outputFile: '../.cache/reports/e2e.json' }]],
  use: {
    // Set by globalSetup, which serves on a port that is free.
    baseURL: process.env['E2E_ORIGIN'] ?? '',
    // An answer on screen must not wait for an animation.
    contextOptions: { reducedMotion: 'reduce' },
    // Else every test would keep the whole program again; offline.spec.ts allows it.
    serviceWorkers: 'block',
    actionTimeout: 20_000,
    // A trace of every test would cost more than a tenth of the time: `--trace on` is for the one that is looked into.
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env['CHROMIUM_PATH'],
      args: [...browserArguments({ webgpu: true }), ...outsideArguments()],
    },
  },
});
