// What is put away under an address is found under it, whatever the file is called.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readShareAddress, shareAddress } from './share-address.ts';

const SCOPE = 'https://example.org/heart/';

test('every name comes back, through a real URL, and stays below the program', () => {
  const file = fc.record({
    id: fc.uuid(),
    index: fc.nat(),
    lastModified: fc.nat(),
    sharedAt: fc.nat(),
    fileName: fc.string({ unit: 'grapheme' }),
  });
  fc.assert(
    fc.property(file, (one) => {
      const { href } = new URL(shareAddress(SCOPE, one));
      expect(href.startsWith(`${SCOPE}share/`)).toBe(true);
      expect(readShareAddress(href)).toEqual(one);
    }),
  );
});

test.each(['..', '../../x', 'a/b?c#d.wav', '%2e%2e', '100 %.wav', "it's.wav"])(
  '%j is a name like any other',
  (fileName) => {
    const one = { id: 'one', index: 0, lastModified: 1, sharedAt: 2, fileName };
    expect(readShareAddress(new URL(shareAddress(SCOPE, one)).href)).toEqual(one);
  },
);
