// Colour maps of the spectrogram as small tables: eleven support points each, linearly interpolated, which
// is within two steps in 255 of the originals (magma and viridis of matplotlib, CC0). Pure.

import type { ColourMapName } from '../../state/settings.svelte.ts';

/** Support points at 0, 0.1 … 1 as RGB. */
const MAGMA = '000004 140e36 3b0f70 641a80 8c2981 b73779 de4968 f7705c fe9f6d fecf92 fcfdbf';
const VIRIDIS = '440154 482475 414487 355f8d 2a788e 21918c 22a884 44bf70 7ad151 bddf26 fde725';
/** Paper to ink: quiet is the colour of the surface. */
const GREY_LIGHT = 'fbfaf8 14171c';
const GREY_DARK = '0b0d11 f4f2ed';

export const COLOUR_STEPS = 256;

const tables = new Map<string, Uint8ClampedArray>();

/** `[256 × 3]` bytes, RGB, quiet to loud. */
export function colourTable(name: ColourMapName, theme: 'light' | 'dark'): Uint8ClampedArray {
  const points =
    name === 'magma' ? MAGMA : name === 'viridis' ? VIRIDIS : theme === 'dark' ? GREY_DARK : GREY_LIGHT;
  const known = tables.get(points);
  if (known) return known;
  const table = interpolate(points.split(' ').map(parseHex));
  tables.set(points, table);
  return table;
}

function parseHex(hex: string): number[] {
  return [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

function interpolate(points: number[][]): Uint8ClampedArray {
  const table = new Uint8ClampedArray(COLOUR_STEPS * 3);
  for (let step = 0; step < COLOUR_STEPS; step++) {
    const place = (step / (COLOUR_STEPS - 1)) * (points.length - 1);
    const below = Math.min(Math.floor(place), points.length - 2);
    const fraction = place - below;
    for (let c = 0; c < 3; c++) {
      const from = points[below]?.[c] ?? 0;
      const to = points[below + 1]?.[c] ?? 0;
      table[step * 3 + c] = from + (to - from) * fraction;
    }
  }
  return table;
}
