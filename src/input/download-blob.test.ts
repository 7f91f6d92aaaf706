// Names of downloads are of one file in one folder, whatever they are made from.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { downloadName } from './download-blob.ts';

test.each([
  ['ward-heartbeat.csv', 'ward-heartbeat.csv'],
  ['Köhler 心音, 3 (2).wav', 'Köhler 心音, 3 (2).wav'],
  ['../../.ssh/keys.zip', '_.._.ssh_keys.zip'],
  ['C:\\x\ny\u202egpj.json', 'C_x_y_gpj.json'],
  ['<img src=x onerror="a()">.csv', '_img src=x onerror=_a()_.csv'],
  [`${'m'.repeat(10_000)}.json`, `${'m'.repeat(80)}.json`],
  ['', 'heartbeat'],
])('%j becomes %s', (name, expected) => {
  expect(downloadName(name)).toBe(expected);
});

test('any name is one that every system takes, and stays so', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
      const made = downloadName(name);
      expect(made).toMatch(/^[^./\\:*?"<>|\p{C}\s][^/\\:*?"<>|\p{C}]*$/u);
      expect(Array.from(made).length).toBeLessThan(90);
      expect(downloadName(made)).toBe(made);
    }),
  );
});
