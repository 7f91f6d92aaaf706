// The evaluation worker: lives for one evaluation or verdict. Glue only: the figures are core/training/evaluate.ts
// and core/training/verdict.ts.

import { expose, transfer } from 'comlink';
import { AppError } from '../src/core/errors.ts';
import { AnswerSet, type EvaluationItem } from '../src/core/training/answers.ts';
import { evaluate } from '../src/core/training/evaluate.ts';
import { joinMaterial } from '../src/core/training/verdict-material.ts';
import { judgeCandidate, type Verdict, type VerdictMaterial } from '../src/core/training/verdict.ts';
import { thenRelease } from '../src/rpc/comlink-handlers.ts';
import type { EvaluationAnswer, EvaluationApi } from '../src/rpc/protocol.ts';
import { rpcText } from '../src/rpc/rpc-text.ts';

class EvaluationWorker implements EvaluationApi {
  readonly #items: EvaluationItem[] = [];
  #material: VerdictMaterial | null = null;

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

  addMaterial(part: VerdictMaterial): Promise<void> {
    this.#material = this.#material === null ? part : joinMaterial(this.#material, part);
    return Promise.resolve();
  }

  verdict(onProgress: (fraction: number) => void): Promise<Verdict> {
    return thenRelease(
      Promise.resolve().then(() => {
        if (this.#material === null) throw new AppError('internal', rpcText.noMaterial);
        return judgeCandidate(this.#material, { onProgress });
      }),
      onProgress,
    );
  }
}

expose(new EvaluationWorker(), self);
