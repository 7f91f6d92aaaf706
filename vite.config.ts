// The one build file: Svelte, service worker, worker format, what stays a file of its own, Vitest.
import { svelte, vitePreprocess } from '@sveltejs/vite-plugin-svelte';
import { VitePWA } from 'vite-plugin-pwa';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { POLICY_IN_PAGE } from './src/cli/headers.ts';

/** Largest file that is kept for offline use: a tensor library with its kernels is half of it. */
const MAX_PRECACHED_BYTES = 2_000_000;

/** The mode in which the page of `npm run bench` is built: not part of the program, and not kept on any device. */
const BENCH = 'bench';

/** While developing, Vite's own styles would break the policy. */
const policyInPage: Plugin = {
  name: 'policy-in-page',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY_IN_PAGE },
      injectTo: 'head-prepend',
    },
  ],
};

export default defineConfig(({ mode }) => ({
  // Every address in the build is relative, so that one build works under any prefix.
  base: './',
  plugins: [
    policyInPage,
    svelte({ configFile: false, preprocess: vitePreprocess() }),
    VitePWA({
      disable: mode === BENCH,
      strategies: 'injectManifest',
      srcDir: 'workers',
      filename: 'service-worker.ts',
      // page-life.ts has it registered, when the first recording need not wait for it any more.
      injectRegister: false,
      // public/manifest.webmanifest is written by hand.
      manifest: false,
      injectManifest: {
        globPatterns: ['**/*.{html,js,css,svg,json,bin,wasm,webmanifest}'],
        // Their names change with their content.
        dontCacheBustURLsMatching: /^assets\//,
        maximumFileSizeToCacheInBytes: MAX_PRECACHED_BYTES,
      },
    }),
  ],
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
    include: ['src/**/*.test.ts', 'workers/**/*.test.ts', '.config/*.test.js'],
    environment: 'node',
  },
}));
