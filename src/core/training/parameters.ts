// The trainable weights of a network seen as one long vector: the optimizer, weight averaging and checkpoints
// then need one tensor and a dozen operations each, instead of that many for every layer.

import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';

export class Parameters {
  readonly variables: tf.Variable[];
  readonly size: number;

  constructor(network: tfl.LayersModel) {
    // `read` of a layer's weight gives the variable itself.
    this.variables = network.trainableWeights.map((weight) => weight.read() as tf.Variable);
    this.size = this.variables.reduce((sum, variable) => sum + variable.size, 0);
  }

  /** 1 where decay applies: kernels of dense layers and convolutions; 0 for biases and batch norm. */
  decayMask(): tf.Tensor1D {
    const mask = new Float32Array(this.size);
    let offset = 0;
    for (const { rank, size } of this.variables) {
      if (rank > 1) mask.fill(1, offset, offset + size);
      offset += size;
    }
    return tf.tensor1d(mask);
  }

  read(): tf.Tensor1D {
    return tf.tidy(() =>
      tf.concat1d(this.variables.map((variable) => tf.reshape<tf.Rank.R1>(variable, [variable.size]))),
    );
  }

  write(vector: tf.Tensor1D): void {
    tf.tidy(() => {
      const parts = tf.split(
        vector,
        this.variables.map((variable) => variable.size),
      );
      this.variables.forEach((variable, i) =>
        variable.assign(tf.reshape(parts[i] as tf.Tensor, variable.shape)),
      );
    });
  }

  /** Gradients by variable name, as `tf.variableGrads` gives them; zeros where the loss does not reach. */
  flattenGradients(gradients: tf.NamedTensorMap): tf.Tensor1D {
    return tf.tidy(() =>
      tf.concat1d(
        this.variables.map(({ name, size }) => {
          const gradient = gradients[name] as tf.Tensor | null | undefined;
          return gradient ? tf.reshape(gradient, [size]) : tf.zeros([size]);
        }),
      ),
    );
  }
}

/** A tensor's numbers, copied off the device. */
export async function readVector(tensor: tf.Tensor): Promise<Float32Array> {
  return (await tensor.data()).slice() as Float32Array;
}
