// A model as plain data: its topology as TF.js layers JSON with a weightsManifest, and the bytes that this
// describes. What `core/model/classifier.ts` loads; also the parameters of a model as one vector, by name.

import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import '../model/layers.ts';
import { AppError } from '../errors.ts';
import { trainingText } from './training-text.ts';

export interface ModelArtifacts {
  /** `{ format, modelTopology, weightsManifest: [{ paths, weights }] }`, as tf.loadLayersModel reads it. */
  modelJson: unknown;
  weights: ArrayBuffer;
}

/** Name of the file that the weightsManifest points at. */
export const WEIGHTS_FILE = 'weights.bin';

/** Topology and weights (float32) of a model, batch-norm statistics included. */
export async function exportModel(model: tfl.LayersModel): Promise<ModelArtifacts> {
  let saved: tf.io.ModelArtifacts | null = null;
  await model.save(
    tf.io.withSaveHandler((artifacts) => {
      saved = artifacts;
      return Promise.resolve({ modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) });
    }),
  );
  const artifacts = saved as tf.io.ModelArtifacts | null;
  const bytes = artifacts?.weightData;
  if (!artifacts || !bytes) throw new AppError('internal', trainingText.noWeights);
  const weights = Array.isArray(bytes) ? join(bytes) : bytes;
  const modelJson = {
    format: 'layers-model',
    generatedBy: artifacts.generatedBy ?? null,
    convertedBy: null,
    modelTopology: artifacts.modelTopology,
    weightsManifest: [{ paths: [WEIGHTS_FILE], weights: artifacts.weightSpecs ?? [] }],
  };
  return { modelJson, weights };
}

function join(parts: ArrayBuffer[]): ArrayBuffer {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(new Uint8Array(part), offset);
    offset += part.byteLength;
  }
  return whole.buffer;
}
