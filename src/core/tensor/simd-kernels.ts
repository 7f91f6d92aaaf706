// Vector loops on the memory of the WASM backend, for what XNNPACK does not offer: the filter gradient of
// a convolution, sums per channel, the gradients of batch norm and of max pooling. Channels are last and
// come in fours. Addresses and strides are in bytes, counts in pixels.
// Where the engine knows relaxed SIMD (Chromium since 114), products and sums are fused.

import {
  add,
  advance,
  and,
  andNot,
  assemble,
  equal,
  fusedTimesPlus,
  get,
  inOrder,
  integer,
  load,
  loadSplat,
  minus,
  plus,
  repeat,
  set,
  store,
  subtract,
  times,
  zeros,
  type Code,
  type FunctionSource,
  type Local,
} from './wasm-assembler.ts';

/** WebAssembly belongs to the language's hosts, and to all of them: Node, pages and workers alike. */
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (
    module: object,
    imports: object,
  ) => { exports: Record<string, (...values: number[]) => void> };
};

/** Bytes of four float32. */
const VECTOR = 16;
const BYTES = 4;

type MultiplyAdd = (a: Code, b: Code, c: Code) => Code;

/** Rows and vectors of the block of weights whose sums stay in registers. */
const FILTER_ROWS = [4, 1] as const;
const FILTER_VECTORS = [2, 1] as const;
/** Vectors of channels whose sums stay in registers. */
const CHANNEL_VECTORS = [4, 2, 1] as const;
const POOL_PLACES = [2, 4] as const;

export interface SimdKernels {
  /**
   * weights[row][column] += Σ over output pixels of image[pixel][row] · slope[pixel][column], for `rows` × `vectors` · 4
   * weights. The image is padded; a pixel's rows lie side by side.
   */
  filterBlock(
    block: { rows: number; vectors: number },
    image: number,
    slope: number,
    weights: number,
    height: number,
    width: number,
    imageStep: number,
    imageRowSkip: number,
    slopeStep: number,
    weightStep: number,
  ): void;
  /** sums[channel] = Σ x */
  channelSums(vectors: number, x: number, pixels: number, step: number, sums: number): void;
  /** sums[channel] = Σ (x − mean)² */
  squareSums(vectors: number, x: number, pixels: number, step: number, mean: number, sums: number): void;
  /** slopeSums[channel] = Σ slope, productSums[channel] = Σ slope · (x − mean) */
  slopeSums(
    vectors: number,
    slope: number,
    x: number,
    pixels: number,
    step: number,
    mean: number,
    slopeSums: number,
    productSums: number,
  ): void;
  /** out = a · slope + b · x + c, with a, b and c per channel */
  combine(
    vectors: number,
    slope: number,
    x: number,
    out: number,
    pixels: number,
    step: number,
    a: number,
    b: number,
    c: number,
  ): void;
  /** out = a · x + c, with a and c per channel */
  affine(vectors: number, x: number, out: number, pixels: number, step: number, a: number, c: number): void;
  /** Gives each slope to the first of its window's places that holds the largest value, zero to the others. */
  poolPixels(
    places: number,
    x: number,
    largest: number,
    slope: number,
    out: number,
    pixels: number,
    vectors: number,
    /** From the end of one window's channels to the next window. */
    skip: number,
    ...offsets: number[]
  ): void;
}

/** The kernels on this memory, or null where the engine has no SIMD. */
export function simdKernels(memory: object): SimdKernels | null {
  const bytes = [sources(fusedTimesPlus), sources((a, b, c) => plus(times(a, b), c))]
    .map(assemble)
    .find((candidate) => WebAssembly.validate(candidate));
  if (!bytes) return null;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { host: { memory } });
  const call = (name: string, values: number[]): void => exports[name]?.(...values);
  return {
    filterBlock: ({ rows, vectors }, ...rest) => call(`filter${rows}x${vectors}`, rest),
    channelSums: (vectors, ...rest) => call(`sums${vectors}`, rest),
    squareSums: (vectors, ...rest) => call(`squares${vectors}`, rest),
    slopeSums: (vectors, ...rest) => call(`slopes${vectors}`, rest),
    combine: (vectors, ...rest) => call(`combine${vectors}`, rest),
    affine: (vectors, ...rest) => call(`affine${vectors}`, rest),
    poolPixels: (places, ...rest) => call(`pool${places}`, rest),
  };
}

/** `[first channel, vectors]` of the blocks that make up `channels`, a multiple of four. */
export function channelBlocks(channels: number): [number, number][] {
  const blocks: [number, number][] = [];
  for (let first = 0; first < channels;) {
    const vectors = CHANNEL_VECTORS.find((count) => first + 4 * count <= channels) ?? 1;
    blocks.push([first, vectors]);
    first += 4 * vectors;
  }
  return blocks;
}

function sources(multiplyAdd: MultiplyAdd): FunctionSource[] {
  return [
    ...FILTER_ROWS.flatMap((rows) =>
      FILTER_VECTORS.map((vectors) => filterSource(rows, vectors, multiplyAdd)),
    ),
    ...CHANNEL_VECTORS.flatMap((vectors) => [
      sumsSource(vectors),
      squaresSource(vectors, multiplyAdd),
      slopesSource(vectors, multiplyAdd),
      combineSource(vectors, multiplyAdd),
      affineSource(vectors, multiplyAdd),
    ]),
    ...POOL_PLACES.map(poolSource),
  ];
}

function several<T>(length: number, make: (i: number) => T): T[] {
  return Array.from({ length }, (_, i) => make(i));
}

function filterSource(rows: number, vectors: number, multiplyAdd: MultiplyAdd): FunctionSource {
  return {
    name: `filter${rows}x${vectors}`,
    parameterCount: 9,
    body({ parameters, count, vector }) {
      const [image, slope, weights, height, width, imageStep, imageRowSkip, slopeStep, weightStep] =
        parameters as [Local, Local, Local, Local, Local, Local, Local, Local, Local];
      const [y, x] = [count(), count()];
      const sums = several(rows, () => several(vectors, vector));
      const slopes = several(vectors, vector);
      const splat = vector();
      const eachWeight = (make: (sum: Local, column: number) => Code): Code =>
        inOrder(
          ...sums.flatMap((row, i) => [
            ...row.map(make),
            ...(i < rows - 1 ? [advance(weights, get(weightStep))] : []),
          ]),
        );
      const rewind = several(rows - 1, () => set(weights, subtract(get(weights), get(weightStep))));
      const pixel = inOrder(
        ...slopes.map((local, i) => set(local, load(get(slope), i * VECTOR))),
        ...sums.map((row, i) =>
          inOrder(
            set(splat, loadSplat(get(image), i * BYTES)),
            ...row.map((sum, j) => set(sum, multiplyAdd(get(splat), get(slopes[j] as Local), get(sum)))),
          ),
        ),
        advance(image, get(imageStep)),
        advance(slope, get(slopeStep)),
      );
      return inOrder(
        eachWeight((sum, j) => set(sum, load(get(weights), j * VECTOR))),
        ...rewind,
        repeat(y, get(height), inOrder(repeat(x, get(width), pixel), advance(image, get(imageRowSkip)))),
        eachWeight((sum, j) => store(get(weights), j * VECTOR, get(sum))),
      );
    },
  };
}

function sumsSource(vectors: number): FunctionSource {
  return {
    name: `sums${vectors}`,
    parameterCount: 4,
    body({ parameters, count, vector }) {
      const [x, pixels, step, out] = parameters as [Local, Local, Local, Local];
      const counter = count();
      const sums = several(vectors, vector);
      const pixel = sums.map((sum, i) => set(sum, plus(get(sum), load(get(x), i * VECTOR))));
      return inOrder(
        ...sums.map((sum) => set(sum, zeros)),
        repeat(counter, get(pixels), inOrder(...pixel, advance(x, get(step)))),
        ...sums.map((sum, i) => store(get(out), i * VECTOR, get(sum))),
      );
    },
  };
}

function squaresSource(vectors: number, multiplyAdd: MultiplyAdd): FunctionSource {
  return {
    name: `squares${vectors}`,
    parameterCount: 5,
    body({ parameters, count, vector }) {
      const [x, pixels, step, mean, out] = parameters as [Local, Local, Local, Local, Local];
      const counter = count();
      const [sums, means, centred] = [several(vectors, vector), several(vectors, vector), vector()];
      const pixel = sums.map((sum, i) =>
        inOrder(
          set(centred, minus(load(get(x), i * VECTOR), get(means[i] as Local))),
          set(sum, multiplyAdd(get(centred), get(centred), get(sum))),
        ),
      );
      return inOrder(
        ...means.map((local, i) => set(local, load(get(mean), i * VECTOR))),
        ...sums.map((sum) => set(sum, zeros)),
        repeat(counter, get(pixels), inOrder(...pixel, advance(x, get(step)))),
        ...sums.map((sum, i) => store(get(out), i * VECTOR, get(sum))),
      );
    },
  };
}

function slopesSource(vectors: number, multiplyAdd: MultiplyAdd): FunctionSource {
  return {
    name: `slopes${vectors}`,
    parameterCount: 7,
    body({ parameters, count, vector }) {
      const [slope, x, pixels, step, mean, slopeSums, productSums] = parameters as [
        Local,
        Local,
        Local,
        Local,
        Local,
        Local,
        Local,
      ];
      const counter = count();
      const [sums, products] = [several(vectors, vector), several(vectors, vector)];
      const [means, value] = [several(vectors, vector), vector()];
      const pixel = sums.map((sum, i) => {
        const product = products[i] as Local;
        const centred = minus(load(get(x), i * VECTOR), get(means[i] as Local));
        return inOrder(
          set(value, load(get(slope), i * VECTOR)),
          set(sum, plus(get(sum), get(value))),
          set(product, multiplyAdd(get(value), centred, get(product))),
        );
      });
      return inOrder(
        ...means.map((local, i) => set(local, load(get(mean), i * VECTOR))),
        ...[...sums, ...products].map((sum) => set(sum, zeros)),
        repeat(counter, get(pixels), inOrder(...pixel, advance(x, get(step)), advance(slope, get(step)))),
        ...sums.map((sum, i) => store(get(slopeSums), i * VECTOR, get(sum))),
        ...products.map((sum, i) => store(get(productSums), i * VECTOR, get(sum))),
      );
    },
  };
}

function combineSource(vectors: number, multiplyAdd: MultiplyAdd): FunctionSource {
  return {
    name: `combine${vectors}`,
    parameterCount: 8,
    body({ parameters, count, vector }) {
      const [slope, x, out, pixels, step, ...factorsAt] = parameters as [Local, Local, Local, Local, Local];
      const counter = count();
      const factors = (factorsAt as Local[]).map((address) => ({
        address,
        values: several(vectors, vector),
      }));
      const [a, b, c] = factors.map(({ values }) => values) as [Local[], Local[], Local[]];
      const pixel = several(vectors, (i) => {
        const [ai, bi, ci] = [get(a[i] as Local), get(b[i] as Local), get(c[i] as Local)];
        const inner = multiplyAdd(bi, load(get(x), i * VECTOR), ci);
        return store(get(out), i * VECTOR, multiplyAdd(ai, load(get(slope), i * VECTOR), inner));
      });
      return inOrder(
        ...factors.flatMap(({ address, values }) =>
          values.map((local, i) => set(local, load(get(address), i * VECTOR))),
        ),
        repeat(
          counter,
          get(pixels),
          inOrder(...pixel, ...[slope, x, out].map((local) => advance(local, get(step)))),
        ),
      );
    },
  };
}

function affineSource(vectors: number, multiplyAdd: MultiplyAdd): FunctionSource {
  return {
    name: `affine${vectors}`,
    parameterCount: 6,
    body({ parameters, count, vector }) {
      const [x, out, pixels, step, aAt, cAt] = parameters as [Local, Local, Local, Local, Local, Local];
      const counter = count();
      const [a, c] = [several(vectors, vector), several(vectors, vector)];
      const pixel = several(vectors, (i) => {
        const [ai, ci] = [get(a[i] as Local), get(c[i] as Local)];
        return store(get(out), i * VECTOR, multiplyAdd(ai, load(get(x), i * VECTOR), ci));
      });
      return inOrder(
        ...a.map((local, i) => set(local, load(get(aAt), i * VECTOR))),
        ...c.map((local, i) => set(local, load(get(cAt), i * VECTOR))),
        repeat(counter, get(pixels), inOrder(...pixel, advance(x, get(step)), advance(out, get(step)))),
      );
    },
  };
}

function poolSource(places: number): FunctionSource {
  return {
    name: `pool${places}`,
    parameterCount: 7 + places,
    body({ parameters, count, vector }) {
      const [x, largest, slope, out, pixels, vectors, skip, ...offsets] = parameters as [
        Local,
        Local,
        Local,
        Local,
        Local,
        Local,
        Local,
        ...Local[],
      ];
      const [pixelCounter, vectorCounter] = [count(), count()];
      const [left, top, mask] = [vector(), vector(), vector()];
      const place = (offset: Local): Code =>
        inOrder(
          set(mask, equal(load(add(get(x), get(offset)), 0), get(top))),
          store(add(get(out), get(offset)), 0, and(get(left), get(mask))),
          set(left, andNot(get(left), get(mask))),
        );
      const channels = inOrder(
        set(left, load(get(slope), 0)),
        set(top, load(get(largest), 0)),
        ...offsets.map(place),
        ...[x, largest, slope, out].map((local) => advance(local, integer(VECTOR))),
      );
      return repeat(
        pixelCounter,
        get(pixels),
        inOrder(
          repeat(vectorCounter, get(vectors), channels),
          advance(x, get(skip)),
          advance(out, get(skip)),
        ),
      );
    },
  };
}
