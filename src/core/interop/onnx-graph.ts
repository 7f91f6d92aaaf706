// An ONNX graph while it is written: operations, constants, one input, one output, in the end the file's bytes.
// Knows ONNX's messages and nothing of networks. Imports the protobuf writer and texts only.
// Source of the field numbers: onnx.proto, IR version 8.

import { interopText } from './interop-text.ts';
import { float, integer, message, nested, type Message } from './protobuf.ts';

const IR_VERSION = 8;
/** The newest set in which reductions take their axes as attributes: what every runtime of the last years knows. */
const OPERATOR_SET = 17;

const FLOAT_ELEMENTS = 1;
const INT64_ELEMENTS = 7;

/** Types of an attribute. */
const FLOAT = 1;
const INT = 2;
const STRING = 3;
const INTS = 7;

/** Name of a tensor in the graph. */
export type TensorName = string;

/** ONNX tells whole numbers from fractions by type, JavaScript does not: fractions are wrapped. */
export type Attribute = number | readonly number[] | string | { float: number };

export class OnnxGraph {
  readonly #nodes: Message[] = [];
  readonly #initializers: Message[] = [];
  readonly #inputs: Message[] = [];
  readonly #outputs: Message[] = [];
  #names = 0;

  /** A float32 input `[batch, ...shape]`; the batch is free. */
  input(name: TensorName, shape: readonly number[]): TensorName {
    this.#inputs.push(valueInfo(name, shape));
    return name;
  }

  /** Gives the result a name of its own, with which it is asked for. */
  output(name: TensorName, value: TensorName, shape: readonly number[]): void {
    this.#nodes.push(node('Identity', [value], name, {}));
    this.#outputs.push(valueInfo(name, shape));
  }

  /** Adds an operation with one result. */
  operation(
    type: string,
    inputs: readonly TensorName[],
    attributes: Record<string, Attribute> = {},
  ): TensorName {
    const name = `${type}-${++this.#names}`;
    this.#nodes.push(node(type, inputs, name, attributes));
    return name;
  }

  floats(values: Float32Array | readonly number[], shape: readonly number[] = []): TensorName {
    const bytes = new Uint8Array(Float32Array.from(values).buffer);
    return this.#constant(FLOAT_ELEMENTS, bytes, shape);
  }

  /** A list of int64: shapes, axes, places. */
  integers(...values: number[]): TensorName {
    const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    return this.#constant(INT64_ELEMENTS, bytes, [values.length]);
  }

  #constant(type: number, bytes: Uint8Array, shape: readonly number[]): TensorName {
    const name = `constant-${++this.#names}`;
    const dimensions = shape.map((length) => integer(1, length));
    this.#initializers.push(message(...dimensions, integer(2, type), nested(8, name), nested(9, bytes)));
    return name;
  }

  /** The model file. */
  toBytes(name: string): Message {
    const graph = message(
      ...this.#nodes.map((bytes) => nested(1, bytes)),
      nested(2, name),
      ...this.#initializers.map((bytes) => nested(5, bytes)),
      ...this.#inputs.map((bytes) => nested(11, bytes)),
      ...this.#outputs.map((bytes) => nested(12, bytes)),
    );
    const operatorSet = message(nested(1, ''), integer(2, OPERATOR_SET));
    return message(
      integer(1, IR_VERSION),
      nested(2, interopText.producer),
      nested(7, graph),
      nested(8, operatorSet),
    );
  }
}

function node(
  type: string,
  inputs: readonly TensorName[],
  output: TensorName,
  attributes: Record<string, Attribute>,
): Message {
  return message(
    ...inputs.map((input) => nested(1, input)),
    nested(2, output),
    nested(3, output),
    nested(4, type),
    ...Object.entries(attributes).map(([name, value]) => nested(5, attribute(name, value))),
  );
}

function attribute(name: string, value: Attribute): Message {
  const typed = (type: number, ...fields: Message[]): Message =>
    message(nested(1, name), ...fields, integer(20, type));
  if (typeof value === 'number') return typed(INT, integer(3, value));
  if (typeof value === 'string') return typed(STRING, nested(4, value));
  if ('float' in value) return typed(FLOAT, float(2, value.float));
  return typed(INTS, ...value.map((item) => integer(8, item)));
}

function valueInfo(name: TensorName, shape: readonly number[]): Message {
  const batch = nested(2, 'batch');
  const dimensions = [batch, ...shape.map((length) => integer(1, length))].map((bytes) => nested(1, bytes));
  const tensorType = message(integer(1, FLOAT_ELEMENTS), nested(2, message(...dimensions)));
  return message(nested(1, name), nested(2, nested(1, tensorType)));
}
