// The instructions of the vector loops that simd-kernels.ts offers; what each computes is said there.

import {
  add,
  advance,
  and,
  andNot,
  equal,
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
  zeros,
  type Code,
  type FunctionSource,
  type Local,
} from './wasm-assembler.ts';

/** Bytes of four float32. */
const VECTOR = 16;
const BYTES = 4;

/** How a · b + c is computed on four floats: fused or in two steps. */
export type MultiplyAdd = (a: Code, b: Code, c: Code) => Code;

/** Rows and vectors of the block of weights whose sums stay in registers. */
const FILTER_ROWS = [4, 1] as const;
const FILTER_VECTORS = [2, 1] as const;
/** Vectors of channels whose sums stay in registers. */
export const CHANNEL_VECTORS = [4, 2, 1] as const;
const POOL_PLACES = [2, 4] as const;

/** Every loop, under the names that simd-kernels.ts calls. */
export function loopSources(multiplyAdd: MultiplyAdd): FunctionSource[] {
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
