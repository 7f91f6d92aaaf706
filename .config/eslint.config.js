// Lint: type-checked strictness everywhere, and the import walls of the house:
// ui → state → { rpc, input, storage } → core ← workers. The walls are data below, one line a room.
import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import { fileURLToPath } from 'node:url';
import ts from 'typescript-eslint';
import words from './words.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const CORE_FORBIDDEN = [
  '**/rpc/**',
  '**/input/**',
  '**/storage/**',
  '**/state/**',
  '**/ui/**',
  '**/cli/**',
  '**/workers/**',
  'node:*',
  'svelte',
  'svelte/**',
  'comlink',
  'idb',
];
const CORE_WHY = 'core is pure: it imports core and a few libraries of numbers and bytes.';

/** Folder → what it must not import, and why that is so. */
const WALLS = [
  {
    room: 'src/core/**/*.ts',
    forbidden: CORE_FORBIDDEN,
    why: CORE_WHY,
  },
  // The same rooms once more, because these may import tfjs.
  {
    room: 'src/core/{model,training,tensor}/**/*.ts',
    forbidden: CORE_FORBIDDEN,
    why: CORE_WHY,
  },
  {
    room: 'src/rpc/**/*.ts',
    forbidden: [
      '**/input/**',
      '**/storage/**',
      '**/state/**',
      '**/ui/**',
      '**/cli/**',
      'node:*',
      'svelte',
      'svelte/**',
      'idb',
    ],
    why: 'rpc is the worker boundary and nothing else.',
  },
  {
    room: 'src/input/**/*.ts',
    forbidden: [
      '**/storage/**',
      '**/state/**',
      '**/ui/**',
      '**/cli/**',
      'node:*',
      'svelte',
      'svelte/**',
      'comlink',
      'idb',
    ],
    why: 'input turns what people hand over into recordings; it knows no state and no screen.',
  },
  {
    room: 'src/storage/**/*.ts',
    forbidden: [
      '**/rpc/**',
      '**/input/**',
      '**/state/**',
      '**/ui/**',
      '**/cli/**',
      'node:*',
      'svelte',
      'svelte/**',
      'comlink',
    ],
    why: 'storage is the only writer of the database and knows nothing but core.',
  },
  {
    room: 'src/state/**/*.ts',
    forbidden: ['**/ui/**', '**/cli/**', 'node:*'],
    why: 'state knows no screen.',
  },
  {
    room: 'src/ui/**/*.{ts,svelte}',
    forbidden: ['**/cli/**', '**/workers/**', 'node:*', 'idb', 'comlink'],
    why: 'ui speaks to the world through state.',
  },
  {
    room: 'src/{main,automation,wiring/*}.ts',
    forbidden: ['**/cli/**', '**/workers/**', 'node:*', 'idb', 'comlink'],
    why: 'the page puts its parts together and reaches workers through rpc.',
  },
  {
    room: 'workers/**/*.ts',
    forbidden: [
      '**/input/**',
      '**/storage/**',
      '**/state/**',
      '**/ui/**',
      '**/cli/**',
      'node:*',
      'svelte',
      'svelte/**',
      'idb',
    ],
    why: 'workers are glue around core.',
  },
  {
    room: 'src/bench/**/*.ts',
    forbidden: [
      '**/storage/**',
      '**/state/**',
      '**/ui/**',
      '**/cli/**',
      'node:*',
      'svelte',
      'svelte/**',
      'idb',
    ],
    why: 'the bench times parts of core and reaches its worker as the app does.',
  },
  {
    room: 'src/cli/**/*.ts',
    forbidden: ['**/rpc/**', '**/input/**', '**/storage/**', '**/state/**', '**/ui/**', '**/workers/**'],
    why: 'the command line drives the built app; it does not rebuild it.',
  },
];

/** tfjs is 100 KB and more: a few rooms of core and the workers import it, the page none of it but types. */
const TFJS = ['@tensorflow/*', '@tensorflow/**'];
/** Modules of core that bring tfjs with them, by themselves or through another of these. No braces: not expanded. */
const TFJS_CORE = [
  '**/core/tensor/*',
  '!**/core/tensor/backend-report.ts',
  ...['classifier', 'explain', 'layers', 'architecture', 'network-bounds'].map(
    (name) => `**/core/model/${name}.ts`,
  ),
  ...[
    'adamw',
    'batch-norm',
    'batches',
    'checkpoint',
    'cost',
    'embeddings',
    'epoch-log',
    'fit',
    'freezing',
    'golden',
    'head',
    'losses',
    'parameters',
    'score',
    'session',
    'trainee',
    'weight-average',
    'weights',
  ].map((name) => `**/core/training/${name}.ts`),
  '**/core/pipeline.ts',
];
const NO_TFJS = { group: TFJS, message: 'tfjs belongs in workers only.', allowTypeImports: true };
const NO_TFJS_CORE = {
  group: TFJS_CORE,
  message: 'this module brings tfjs with it: import its types only.',
  allowTypeImports: true,
};
const ONLY_THE_PROTOCOL = {
  group: ['**/rpc/*', '!**/rpc/protocol.ts', '!**/rpc/comlink-handlers.ts', '!**/rpc/rpc-text.ts'],
  message: 'of rpc a worker needs the protocol, the handlers and the texts only.',
};

/** Which of these a room must keep to; the page's rooms keep to both about tfjs. */
function tfjsRules(room) {
  if (room.startsWith('workers')) return [ONLY_THE_PROTOCOL];
  if (room.startsWith('src/core/{') || room.startsWith('src/bench')) return [];
  if (room.startsWith('src/core')) return [NO_TFJS];
  return [NO_TFJS, NO_TFJS_CORE];
}

const TEST_FILES = ['**/*.test.ts'];

const wall = ({ room, forbidden, why }) => ({
  files: [room],
  ignores: TEST_FILES,
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          { group: forbidden, message: why, allowTypeImports: room.startsWith('src/cli') },
          ...tfjsRules(room),
        ],
      },
    ],
  },
});

/** What a person reads stands in text files; the command line and the bench speak for themselves. */
const SPEAKING_ROOMS = [
  'src/{input,rpc,state,storage,ui}/**/*.ts',
  'src/ui/**/*.svelte',
  'src/{main,wiring/*}.ts',
];
/** The same where single words are names of layers and formats. */
const CORE_ROOMS = ['src/core/**/*.ts', 'workers/*.ts'];
const TEXT_FILES = ['src/{core,input,rpc,state,storage,ui}/**/*-text.ts'];
const MADE_UP = ['**/*fakes.ts', '**/*fixtures.ts', 'src/state/training-device.ts'];

const apart = (rooms, captions) => ({
  files: rooms,
  ignores: [...TEXT_FILES, ...TEST_FILES, ...MADE_UP, 'workers/bench.worker.ts'],
  plugins: { words },
  rules: { 'words/phrases': ['error', { captions }], 'words/errors': 'error', 'words/markup': 'error' },
});

const apartFromLogic = [
  apart(SPEAKING_ROOMS, true),
  apart(CORE_ROOMS, false),
  {
    files: TEXT_FILES,
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            ':matches(ClassDeclaration, ForStatement, ForInStatement, ForOfStatement, WhileStatement, TryStatement, ThrowStatement, AwaitExpression, AssignmentExpression, NewExpression[callee.name!="RegExp"])',
          message:
            'A text file says things and does nothing: it chooses a plural and writes numbers at most.',
        },
      ],
    },
  },
];

const PROJECTS = [
  'src/core/tsconfig.json',
  'src/tsconfig.json',
  'src/tsconfig.test.json',
  'src/cli/tsconfig.json',
  'src/fuzz/tsconfig.json',
  'workers/tsconfig.json',
  'e2e/tsconfig.json',
];
const typed = {
  parserOptions: { project: PROJECTS, tsconfigRootDir: ROOT, extraFileExtensions: ['.svelte'] },
};

export default defineConfig(
  { ignores: ['dist/', '.cache/', 'test-results/', 'playwright-report/', 'coverage/', 'public/'] },
  js.configs.recommended,
  { files: ['**/*.ts', '**/*.svelte'], extends: [ts.configs.strictTypeChecked], languageOptions: typed },
  // After the typed rules, whose parser knows no components.
  svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      globals: globals.browser,
      parserOptions: { ...typed.parserOptions, parser: ts.parser },
    },
  },
  {
    files: ['**/*.ts', '**/*.svelte'],
    rules: {
      // The compiler knows the names of each realm better than a list of globals does.
      'no-undef': 'off',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowArray: true }],
      // `() => stop()` as a callback says nothing confusing.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'no-restricted-globals': ['error', { name: 'event', message: 'Use the argument of the handler.' }],
      // Fakes of tests and the two typings of tfjs's backends meet by their shape.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // An abort rejects with whatever reason its caller gave.
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      // A library without types is declared beside the one file that uses it.
      '@typescript-eslint/triple-slash-reference': ['error', { path: 'always' }],
      'no-console': ['error', { allow: ['warn', 'error'] }],
      eqeqeq: 'error',
    },
  },
  // The typed rules see a component that is imported as `any`; svelte-check knows its types. `void x` is how an
  // effect reads what it depends on, and the warnings behind svelte-ignore come from svelte-check, too.
  {
    files: ['**/*.svelte'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'svelte/no-unused-svelte-ignore': 'off',
    },
  },
  // A program that talks on standard output.
  { files: ['src/{cli,fuzz}/**/*.ts'], rules: { 'no-console': 'off' } },
  // A test may put wrong things in on purpose, and says so by what it expects.
  {
    files: TEST_FILES,
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
    },
  },
  // Playwright reads which fixtures a function wants from its first argument, and takes no other for none.
  {
    files: ['e2e/**/*.ts'],
    rules: { 'no-empty-pattern': ['error', { allowObjectPatternsAsParameters: true }] },
  },
  {
    files: ['e2e/**/*.ts'],
    ignores: ['e2e/app-test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'playwright/test',
              importNames: ['test'],
              message: 'Take it from app-test.ts, which watches what is asked of other machines.',
            },
          ],
        },
      ],
    },
  },
  // Files that no tsconfig holds are linted without types.
  {
    files: ['*.config.ts', '.config/**/*.js'],
    extends: [ts.configs.disableTypeChecked],
    languageOptions: { globals: globals.node, parserOptions: { project: false } },
  },
  ...WALLS.map(wall),
  ...apartFromLogic,
);
