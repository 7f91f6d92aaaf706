import { describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { histogramDistance } from './drift.ts';

describe('the distance of two histograms', () => {
  it('is none for the same shape, and all for shapes that share no bin', () => {
    expect(histogramDistance([10, 20, 70], [1, 2, 7])?.distance).toBeCloseTo(0, 12);
    expect(histogramDistance([5, 0], [0, 9])?.distance).toBe(1);
  });

  it('is the fraction that would have to move', () => {
    expect(histogramDistance([50, 50], [80, 20])?.distance).toBeCloseTo(0.3, 12);
  });

  it('cannot be told of nothing', () => {
    expect(histogramDistance([0, 0], [1, 2])).toBeNull();
    expect(histogramDistance([1], [])).toBeNull();
  });

  it('says what chance alone makes of one source, as drawing from it shows', () => {
    const shape = [0.6, 0.1, 0.05, 0.05, 0.2];
    const random = new Random(7);
    const draw = (n: number): number[] => {
      const counts = shape.map(() => 0);
      for (let i = 0; i < n; i++) {
        let left = random.uniform();
        let bin = 0;
        while (bin < shape.length - 1 && left >= (shape[bin] ?? 0)) left -= shape[bin++] ?? 0;
        counts[bin] = (counts[bin] ?? 0) + 1;
      }
      return counts;
    };
    const draws = 400;
    let [distance, byChance] = [0, 0];
    for (let i = 0; i < draws; i++) {
      const found = histogramDistance(draw(60), draw(250));
      distance += (found?.distance ?? 0) / draws;
      byChance += (found?.byChance ?? 0) / draws;
    }
    expect(byChance).toBeGreaterThan(distance * 0.9);
    expect(byChance).toBeLessThan(distance * 1.1);
  });
});
