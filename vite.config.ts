// The one build file: Svelte, worker format, what stays a file of its own, Vitest.
import { svelte, vitePreprocess } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte({ configFile: false, preprocess: vitePreprocess() })],
  build: {
    target: 'es2022',
    // Model weights, WASM binaries and fonts stay files of their own: hashed, cached, streamed.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  // Workers are modules that split their own code, so that a tfjs backend is loaded when it is chosen.
  worker: { format: 'es', plugins: () => [] },
  test: {
    include: ['src/**/*.test.ts', 'workers/**/*.test.ts'],
    environment: 'node',
  },
});
