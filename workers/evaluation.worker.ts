// The evaluation worker: lives for one evaluation. Glue only: the figures are core/training/evaluate.ts.

import { expose, transfer } from 'comlink';
import { AnswerSet, type EvaluationItem } from '../src/core/training/answers.ts';
import { evaluate } from '../src/core/training/evaluate.ts';
import { thenRelease } from '../src/rpc/comlink-handlers.ts';
import type { EvaluationAnswer, EvaluationApi } from '../src/rpc/protocol.ts';

class EvaluationWorker implements EvaluationApi {
  readonly #items: EvaluationItem[] = [];

  add(items: EvaluationItem[]): Promise<void> {
    this.#items.push(...items);
    return Promise.resolve();
  }

  evaluate(labels: string[], onProgress: (fraction: number) => void): Promise<EvaluationAnswer> {
    return thenRelease(
      Promise.resolve().then(() => {
        const report = evaluate(this.#items, { labels, onProgress });
        const curves = new AnswerSet(this.#items, labels).rocCurves();
        const buffers = curves.flatMap(({ thresholds, sensitivity, falsePositiveRate }) => [
          thresholds.buffer,
          sensitivity.buffer,
          falsePositiveRate.buffer,
        ]);
        return transfer({ report, curves }, buffers);
      }),
      onProgress,
    );
  }
}

expose(new EvaluationWorker(), self);
