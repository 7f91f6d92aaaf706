// Types of the part of fft.js 4 that is used; the package brings none.

declare module 'fft.js' {
  /** Complex FFT of one power-of-two size, radix 4, double precision. */
  export default class FFT {
    /** @param size power of two above 1 */
    constructor(size: number);
    /** Forward transform, real and imaginary parts interleaved: `out` and `data` hold `2 * size` numbers. */
    transform(out: Float64Array, data: Float64Array): void;
  }
}
