// A TF.js layers model as an ONNX file: the layers that this program's networks are made of, one by one, nothing
// folded or left out but dropout. This file reads model.json and weights and walks from layer to layer;
// onnx-layers.ts knows the layers.

import { AppError } from '../errors.ts';
import type { ModelAssets } from '../model/classifier.ts';
import { interopText } from './interop-text.ts';
import { OnnxGraph } from './onnx-graph.ts';
import { translateLayer, untranslatable, type LayerConfig, type Value, type Weight } from './onnx-layers.ts';
import type { Message } from './protobuf.ts';

/** Name of the graph's output; its input is named as the model's. */
export const ONNX_OUTPUT = 'logits';

/** A layer's name, and which call and which of its results is meant. */
type Place = [name: string, node: number, output: number];

interface Topology {
  layers: { class_name: string; name: string; config: LayerConfig; inbound_nodes: Place[][] }[];
  input_layers: Place[];
  output_layers: Place[];
}

interface ModelJson {
  modelTopology: { config?: Topology; model_config?: { config: Topology } };
  weightsManifest: { weights: { name: string; shape: number[]; dtype: string; quantization?: object }[] }[];
}

/**
 * The model as ONNX: float32 in, `[batch, ...input shape]` as the layers model takes it; float32 out,
 * `[batch, units]`, named `logits`.
 * @throws AppError `model-invalid` where the model has a layer, or a setting of one, that is not translated
 */
export function exportOnnx({ manifest, modelJson, weights: bytes }: ModelAssets): Message {
  const { modelTopology, weightsManifest } = modelJson as ModelJson;
  const topology = modelTopology.model_config?.config ?? modelTopology.config;
  const [output, ...more] = topology?.output_layers ?? [];
  if (!topology || !output || more.length > 0 || topology.input_layers.length !== 1)
    throw untranslatable(interopText.what.severalEnds);
  const graph = new OnnxGraph();
  const weights = readWeights(weightsManifest, bytes);
  const values = new Map<string, Value>();
  const valueOf = ([name, node, index]: Place): Value => {
    const value = node === 0 && index === 0 ? values.get(name) : undefined;
    if (!value) throw untranslatable(interopText.what.unusualUse(name));
    return value;
  };
  for (const { class_name: className, name, config, inbound_nodes: calls } of topology.layers) {
    const inputs = (calls[0] ?? []).map(valueOf);
    values.set(name, translateLayer({ graph, className, name, config, inputs, weights }));
  }
  const { name, shape, channelsFirst } = valueOf(output);
  if (channelsFirst || !shape) throw untranslatable(interopText.what.otherOutput);
  graph.output(ONNX_OUTPUT, name, shape);
  return graph.toBytes(manifest.id);
}

/** @throws AppError `model-invalid` */
function readWeights(groups: ModelJson['weightsManifest'], bytes: ArrayBuffer): Map<string, Weight> {
  const weights = new Map<string, Weight>();
  let from = 0;
  for (const { name, shape, dtype, quantization } of groups.flatMap((group) => group.weights)) {
    const past = from + shape.reduce((product, length) => product * length, Float32Array.BYTES_PER_ELEMENT);
    if (dtype !== 'float32' || quantization) throw untranslatable(interopText.what.otherWeights);
    if (past > bytes.byteLength) throw new AppError('model-invalid', interopText.incomplete);
    weights.set(name, { shape, values: new Float32Array(bytes.slice(from, past)) });
    from = past;
  }
  return weights;
}
