// Windows of a spectrogram as few bits: cosine transform in blocks, coarse steps, and an adaptive coder that
// expects a coefficient to be as large as its neighbours. What the steps swallow is put back as noise of the
// same strength, because a network that looks at texture answers differently to a smoothed window. Pure.

import { AppError } from '../errors.ts';
import { Random } from '../random.ts';
import { BitReader, BitWriter } from './replay-coder.ts';
import { trainingText } from './training-text.ts';

export interface WindowShape {
  nFrames: number;
  nMels: number;
}

export interface PackedWindows {
  bytes: Uint8Array;
  /** SD of the coefficients that became 0, by zone, in steps. */
  noise: number[];
}

/** Rows and columns of a block at most: the transform costs their sum for every value. */
const MAX_BLOCK = 64;
/** A coefficient is 0 up to this many steps, 1 up to one step more, and so on. */
const DEAD_ZONE = 0.6;
/** Of the noise that was there. All of it moves the answers of the bundled model up by as much as none does down. */
const NOISE_GAIN = 0.9;
/** Bands of frequency (of the spectrogram's picture) that share statistics. */
export const N_ZONES = 16;

/** Neighbours' sizes, summed, that are told apart; and the same of the block before. */
const N_NEAR = 7;
const N_BEFORE = 3;
const LARGEST_COUNTED = 3;
/** Sizes 1, 2, 3, 4 and more are told apart when the next bit of a size is written, and so are some neighbours. */
const N_SIZES = 4;
const N_NEAR_SIZES = 4;
const SIZE_CONTEXTS = N_ZONES * N_NEAR * N_BEFORE;
const N_CONTEXTS = SIZE_CONTEXTS + N_ZONES * N_SIZES * N_NEAR_SIZES;
/** Sizes from here on are written as an Exp-Golomb number of even bits. */
const ESCAPE = 15;
const MAX_ESCAPE_BITS = 20;

/**
 * @param windows each `[nFrames, nMels]`, of mean 0 over all
 * @param step width of a step, in the windows' units
 */
export function packWindows(
  windows: readonly Float32Array[],
  shape: WindowShape,
  step: number,
): PackedWindows {
  const grid = new BlockGrid(shape);
  const writer = new BitWriter(N_CONTEXTS);
  const swallowed = new Float64Array(N_ZONES);
  const count = new Float64Array(N_ZONES);
  for (const window of windows) {
    const coder = new BlockCoder(grid);
    for (let block = 0; block < grid.nBlocks; block++) {
      const coefficients = grid.forward(window, block);
      const sizes = coder.current;
      coefficients.forEach((value, i) => {
        const size = Math.floor(Math.abs(value) / step + 1 - DEAD_ZONE);
        sizes[i] = value < 0 ? -size : size;
        if (size > 0) return;
        const zone = grid.zones[i] as number;
        swallowed[zone] = (swallowed[zone] as number) + (value / step) ** 2;
        count[zone] = (count[zone] as number) + 1;
      });
      coder.each((i, context) => writeSize(writer, sizes[i] as number, context));
      coder.next();
    }
  }
  const noise = Array.from(swallowed, (sum, zone) => rounded(Math.sqrt(sum / Math.max(1, count[zone] ?? 1))));
  return { bytes: writer.finish(), noise };
}

/**
 * @param isWanted of each window: the others are only read past, which costs a quarter
 * @returns null for a window that is not wanted
 * @throws AppError `import-invalid` for bytes that end too early or hold sizes that nobody wrote
 */
export function unpackWindows(
  { bytes, noise }: PackedWindows,
  isWanted: readonly boolean[],
  shape: WindowShape,
  step: number,
): (Float32Array | null)[] {
  const grid = new BlockGrid(shape);
  const reader = new BitReader(bytes, N_CONTEXTS);
  return isWanted.map((wanted, index) => {
    const window = wanted ? new Float32Array(shape.nFrames * shape.nMels) : null;
    // The same noise at every reading: what is trained on and what is judged does not change.
    const random = new Random(index);
    const coder = new BlockCoder(grid);
    for (let block = 0; block < grid.nBlocks; block++) {
      const sizes = coder.current;
      coder.each((i, context) => {
        sizes[i] = readSize(reader, context);
      });
      if (window) {
        const coefficients = Float64Array.from(sizes, (size, i) =>
          size === 0
            ? NOISE_GAIN * (noise[grid.zones[i] as number] ?? 0) * step * random.normal()
            : size * step,
        );
        grid.backward(coefficients, window, block);
      }
      coder.next();
    }
    return window;
  });
}

/** What is expected of a coefficient: by its zone, the neighbours that are already known, and the block before. */
interface Context {
  zone: number;
  near: number;
  before: number;
}

function writeSize(writer: BitWriter, signed: number, { zone, near, before }: Context): void {
  const size = Math.abs(signed);
  writer.write((zone * N_NEAR + near) * N_BEFORE + before, size > 0 ? 1 : 0);
  if (size === 0) return;
  writer.writeEven(signed < 0 ? 1 : 0);
  for (let at = 1; at < ESCAPE; at++) {
    writer.write(sizeContext(at, zone, near), size > at ? 1 : 0);
    if (size === at) return;
  }
  writeExpGolomb(writer, size - ESCAPE);
}

function readSize(reader: BitReader, { zone, near, before }: Context): number {
  if (reader.read((zone * N_NEAR + near) * N_BEFORE + before) === 0) return 0;
  const sign = reader.readEven() === 1 ? -1 : 1;
  for (let at = 1; at < ESCAPE; at++) if (reader.read(sizeContext(at, zone, near)) === 0) return sign * at;
  return sign * (ESCAPE + readExpGolomb(reader));
}

function sizeContext(at: number, zone: number, near: number): number {
  const size = Math.min(at, N_SIZES) - 1;
  return SIZE_CONTEXTS + (zone * N_SIZES + size) * N_NEAR_SIZES + (near >> 1);
}

function writeExpGolomb(writer: BitWriter, value: number): void {
  const bits = Math.floor(Math.log2(value + 1));
  for (let i = 0; i < bits; i++) writer.writeEven(1);
  writer.writeEven(0);
  for (let i = bits - 1; i >= 0; i--) writer.writeEven(((value + 1) >> i) & 1);
}

function readExpGolomb(reader: BitReader): number {
  let bits = 0;
  while (reader.readEven() === 1)
    if (++bits > MAX_ESCAPE_BITS) throw new AppError('import-invalid', trainingText.replay.damaged);
  let value = 1;
  for (let i = 0; i < bits; i++) value = 2 * value + reader.readEven();
  return value - 1;
}

/** The order in which a block's coefficients are coded, and the context of each. */
class BlockCoder {
  readonly #grid: BlockGrid;
  /** Of the block under way, in steps, signed. */
  current: Int32Array;
  #before: Int32Array;

  constructor(grid: BlockGrid) {
    this.#grid = grid;
    this.current = new Int32Array(grid.rows * grid.columns);
    this.#before = new Int32Array(grid.rows * grid.columns);
  }

  each(visit: (index: number, context: Context) => void): void {
    const { rows, columns, zones } = this.#grid;
    const context: Context = { zone: 0, near: 0, before: 0 };
    for (let column = 0; column < columns; column++)
      for (let row = 0; row < rows; row++) {
        const index = row * columns + column;
        context.zone = zones[index] as number;
        context.near = this.#near(index, row, column);
        context.before = Math.min(N_BEFORE - 1, Math.abs(this.#before[index] as number));
        visit(index, context);
      }
  }

  next(): void {
    [this.current, this.#before] = [this.#before, this.current];
  }

  #near(index: number, row: number, column: number): number {
    const { columns } = this.#grid;
    let sum = 0;
    if (row > 0) sum += this.#size(index - columns);
    if (row > 1) sum += this.#size(index - 2 * columns);
    if (column > 0) sum += this.#size(index - 1);
    if (column > 1) sum += this.#size(index - 2);
    if (row > 0 && column > 0) sum += this.#size(index - columns - 1);
    return Math.min(N_NEAR - 1, sum);
  }

  #size(index: number): number {
    return Math.min(LARGEST_COUNTED, Math.abs(this.current[index] as number));
  }
}

/** A window cut into blocks of one size, along bands and then along time; the last ones repeat the window's edge. */
class BlockGrid {
  readonly rows: number;
  readonly columns: number;
  readonly nBlocks: number;
  /** Of each coefficient of a block. */
  readonly zones: Uint8Array;
  readonly #shape: WindowShape;
  readonly #nDown: number;
  readonly #down: Float64Array;
  readonly #across: Float64Array;
  readonly #up: Float64Array;
  readonly #back: Float64Array;

  constructor(shape: WindowShape) {
    this.#shape = shape;
    const [nDown, rows] = divided(shape.nFrames);
    const [nAcross, columns] = divided(shape.nMels);
    this.#nDown = nDown;
    this.rows = rows;
    this.columns = columns;
    this.nBlocks = nDown * nAcross;
    this.#down = cosines(rows);
    this.#across = cosines(columns);
    this.#up = transposed(this.#down, rows);
    this.#back = transposed(this.#across, columns);
    this.zones = Uint8Array.from({ length: rows * columns }, (_, i) =>
      zoneOf(Math.floor(i / columns) / rows, (i % columns) / columns),
    );
  }

  /** Coefficients of one block, `[rows, columns]`. */
  forward(window: Float32Array, block: number): Float64Array {
    const { rows, columns } = this;
    const values = new Float64Array(rows * columns);
    this.#eachPlace(block, (at, place) => {
      values[at] = window[place] as number;
    });
    return multiplied(this.#down, values, this.#across, rows, columns);
  }

  /** Writes the block that has these coefficients. */
  backward(coefficients: Float64Array, window: Float32Array, block: number): void {
    const { rows, columns } = this;
    const values = multiplied(this.#up, coefficients, this.#back, rows, columns);
    this.#eachPlace(block, (at, place, isRepeated) => {
      if (!isRepeated) window[place] = values[at] as number;
    });
  }

  #eachPlace(block: number, visit: (at: number, place: number, isRepeated: boolean) => void): void {
    const { nFrames, nMels } = this.#shape;
    const firstFrame = (block % this.#nDown) * this.rows;
    const firstMel = Math.floor(block / this.#nDown) * this.columns;
    for (let row = 0; row < this.rows; row++)
      for (let column = 0; column < this.columns; column++) {
        const frame = Math.min(nFrames - 1, firstFrame + row);
        const mel = Math.min(nMels - 1, firstMel + column);
        const isRepeated = frame < firstFrame + row || mel < firstMel + column;
        visit(row * this.columns + column, frame * nMels + mel, isRepeated);
      }
  }
}

/** How many parts of at most a block's length, and the length of each. */
function divided(size: number): [count: number, length: number] {
  const count = Math.ceil(size / MAX_BLOCK);
  return [count, Math.ceil(size / count)];
}

/** Zones are narrow where the coefficients are few and large: near 0. */
function zoneOf(timeFrequency: number, melFrequency: number): number {
  const distance = Math.hypot(timeFrequency, melFrequency);
  return Math.min(N_ZONES - 1, Math.floor(2.5 * Math.log2(1 + 60 * distance)));
}

/** Orthonormal DCT-II, `[frequency, place]`. */
function cosines(size: number): Float64Array {
  return Float64Array.from({ length: size * size }, (_, i) => {
    const [frequency, place] = [Math.floor(i / size), i % size];
    const scale = Math.sqrt((frequency === 0 ? 1 : 2) / size);
    return scale * Math.cos((Math.PI * (place + 0.5) * frequency) / size);
  });
}

function transposed(matrix: Float64Array, size: number): Float64Array {
  return matrix.map((_, i) => matrix[(i % size) * size + Math.floor(i / size)] as number);
}

/** left · values · rightᵀ */
function multiplied(
  left: Float64Array,
  values: Float64Array,
  right: Float64Array,
  rows: number,
  columns: number,
): Float64Array {
  const half = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let out = 0; out < columns; out++) {
      let sum = 0;
      for (let i = 0; i < columns; i++)
        sum += (values[row * columns + i] as number) * (right[out * columns + i] as number);
      half[row * columns + out] = sum;
    }
  const whole = new Float64Array(rows * columns);
  for (let out = 0; out < rows; out++)
    for (let i = 0; i < rows; i++) {
      const factor = left[out * rows + i] as number;
      for (let column = 0; column < columns; column++) {
        const at = out * columns + column;
        whole[at] = (whole[at] as number) + factor * (half[i * columns + column] as number);
      }
    }
  return whole;
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
