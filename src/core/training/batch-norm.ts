// Batch-norm statistics taken anew. Averaged weights never saw the activations that the moving statistics
// remember, so these are measured again with the averaged weights, as plain means over fresh batches.

import type * as tfl from '@tensorflow/tfjs-layers';

/** TF.js keeps the momentum of a BatchNormalization layer private and reads it at every step. */
interface WithMomentum {
  momentum: number;
}

/** @param forward runs the network on batch `i` in training mode, without dropout, and drops the result */
export async function retakeBatchNormStatistics(
  network: tfl.LayersModel,
  nBatches: number,
  forward: (batch: number) => Promise<void>,
): Promise<void> {
  const layers = network.layers.filter(
    (layer) => layer.trainable && layer.getClassName() === 'BatchNormalization',
  );
  const norms = layers as unknown as WithMomentum[];
  if (norms.length === 0) return;
  const before = norms.map((norm) => norm.momentum);
  try {
    for (let batch = 0; batch < nBatches; batch++) {
      // With momentum i / (i + 1) the moving average is the mean of all batches so far.
      for (const norm of norms) norm.momentum = batch / (batch + 1);
      await forward(batch);
    }
  } finally {
    norms.forEach((norm, i) => (norm.momentum = before[i] ?? norm.momentum));
  }
}
