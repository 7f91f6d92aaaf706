// Readers of text that somebody else wrote: tables of labels, paths, settings of any version, addresses.
// May import: core, state.

import { fileKind } from '../core/archive/file-kind.ts';
import { naturalOrder } from '../core/natural-order.ts';
import { parseCsv } from '../core/training/csv.ts';
import { readLabels, type LabelReading } from '../core/training/labels.ts';
import { BACKENDS, SettingsState, THEMES } from '../state/settings.svelte.ts';
import { RouterState } from '../state/router.svelte.ts';
import { promise, type Reader } from './reader.ts';

// Outside of the page's compiler a rune is the value that it begins with.
const same = <T>(value: T): T => value;
Object.assign(globalThis, { $state: Object.assign(same, { raw: same }) });

const utf8 = (text: string): Uint8Array => Uint8Array.from(new TextEncoder().encode(text));
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const TABLES = [
  'file,label,group,source,quality,site\na1.wav,normal,p1,ward,1,AV\nb1,abnormal,p2,,0,\n"c ""x"".wav",murmur,"p\n3",,,MV\n',
  'a1,-1\nb1,1,0\nc1,1,1\n',
  '\ufefflabel;file\r\nnormal;normal/a1.wav\r\nabnormal;b1.wav\r\n',
  'file\tlabel\ra1.wav\tnormal\rb1.wav\tabnormal\r',
];
const PATHS = ['normal/a1.wav', 'abnormal/b1.wav', 'murmur/c "x".wav', 'c1.wav', '__proto__/d.wav'];

function promiseReading({ recordings, unmatched }: LabelReading, paths: readonly string[]): void {
  promise(recordings.length + unmatched.length === paths.length, 'recordings that got lost');
  for (const { id, label, group, source } of recordings)
    promise(
      [id, label, group, source].every((text) => typeof text === 'string' && text !== ''),
      'a recording without words',
    );
}

const MIB = 2 ** 20;
const BUDGET = { bytes: MIB, perByte: 64 };

export const TEXT_READERS: readonly Reader[] = [
  {
    name: 'csv',
    kind: 'text',
    seeds: () => TABLES.map(utf8),
    tokens: ['"', '""', ',', ';', '\t', '\r\n', '\n"', '",'],
    maxBytes: 16_384,
    read: (bytes) => {
      const rows = parseCsv(decode(bytes));
      promise(
        rows.every(({ line, cells }) => line > 0 && cells.length > 0),
        'a row without a line',
      );
    },
    budget: BUDGET,
  },
  {
    name: 'labels',
    kind: 'text',
    seeds: () => TABLES.map(utf8),
    tokens: [
      'file',
      'label',
      'group',
      'source',
      'quality',
      'normal',
      'abnormal',
      '-1',
      '__proto__',
      'constructor',
      '"',
      '\r\n',
    ],
    maxBytes: 16_384,
    read: (bytes) => {
      // The three ways in which a table can be beside recordings.
      const path = ['labels.csv', 'training-a/REFERENCE.csv', 'table.csv'][bytes.length % 3] ?? '';
      const chosen = path === 'table.csv' ? { chosen: true } : {};
      promiseReading(readLabels(PATHS, [{ path, text: decode(bytes), ...chosen }]), PATHS);
    },
    budget: BUDGET,
  },
  {
    name: 'paths',
    kind: 'text',
    seeds: () => [
      utf8(PATHS.join('\n')),
      utf8('set.zip/normal/a 10.wav\nset.zip/normal/a 9.wav\nset.zip/x/y/z.csv\n.DS_Store'),
    ],
    tokens: ['/', '\\', '../', '.wav', '.csv', '.zip', 'normal', '__MACOSX', '__proto__', '\n'],
    maxBytes: 32_768,
    read: async (bytes) => {
      const paths = [...new Set(decode(bytes).split('\n'))];
      const order = await naturalOrder(paths, () => Promise.resolve());
      promise(new Set(order).size === paths.length, 'an order that leaves files out');
      const sounds = paths.filter((path) => fileKind(path) === 'sound');
      const table = { path: 'labels.csv', text: `file,label\n${sounds[0] ?? ''},normal\n` };
      promiseReading(readLabels(sounds, bytes.length % 2 ? [table] : []), sounds);
    },
    budget: BUDGET,
  },
  {
    name: 'settings',
    kind: 'json',
    seeds: () => [
      utf8(
        JSON.stringify({
          theme: 'dark',
          colourMap: 'grey',
          thresholds: { ['a'.repeat(64)]: 0.3 },
          backend: 'wasm',
          shortcuts: false,
        }),
      ),
    ],
    tokens: ['"theme"', '"thresholds"', 'null', '1e999', '__proto__'],
    maxBytes: 16_384,
    read: (bytes) => {
      let saved: unknown = null;
      try {
        saved = JSON.parse(decode(bytes));
      } catch {
        // As the store does: what is no JSON is nothing.
      }
      const store = { read: () => saved, write: (_: string, value: unknown) => JSON.stringify(value) !== '' };
      const settings = new SettingsState(store, { isDark: () => false, listen: () => () => undefined });
      promise(
        THEMES.includes(settings.theme) && BACKENDS.includes(settings.backend),
        'a choice that is none',
      );
      for (const sha256 of ['a'.repeat(64), '__proto__', 'constructor']) {
        const own = settings.thresholdOf({ sha256 });
        promise(own === null || (own > 0 && own < 1), `a threshold of ${String(own)}`);
      }
      settings.setThreshold({ sha256: 'b' }, 0.5);
    },
    budget: BUDGET,
  },
  {
    name: 'address',
    kind: 'text',
    seeds: () => ['#/models/local%3A1', '#/', '#/history/a%20b', '#/train', ''].map(utf8),
    tokens: ['%', '%E0%A4', '%00', '#/', '/', 'models', 'history', '%2e%2e%2f', 'javascript:'],
    maxBytes: 4096,
    read: (bytes) => {
      const routes = ['home', 'models', 'history', 'train'] as const;
      const source = { read: () => decode(bytes), write: () => undefined, listen: () => () => undefined };
      const { route, param } = new RouterState(routes, 'home', source);
      promise(routes.includes(route) && (param === null || typeof param === 'string'), 'a page that is none');
    },
    budget: BUDGET,
  },
];
