// Whether the layers of a topology can be put together at all. TF.js tries again and again to call a layer whose
// inputs are not there yet, and never ends where they never will be. Pure.

import { modelText } from './model-text.ts';

const { why } = modelText.topology;

type Fields = Record<string, unknown>;

/** One call of a layer: the layers whose outputs it takes, and which of their calls. */
type Call = [name: string, nodeIndex: number][];

/** Calls of layers in one network: each round of TF.js looks at all that wait. */
const MAX_CALLS = 10_000;

/**
 * @param layers of a functional network, keys as TF.js reads them (`inboundNodes`)
 * @returns why they cannot be put together; null where they can
 */
export function graphFault(layers: readonly unknown[]): string | null {
  const made = new Map<string, number>();
  let waiting: { name: string; calls: Call[] }[] = [];
  for (const layer of layers) {
    const { name, className, config, inboundNodes } = asFields(layer);
    const ownName = asFields(config)['name'];
    if (typeof name !== 'string' || name in {} || made.has(name) || (ownName ?? name) !== name)
      return why.noNames;
    const calls = Array.isArray(inboundNodes) ? inboundNodes.map(asCall) : [null];
    if (calls.includes(null)) return why.noInputs(name);
    made.set(name, isMadeAtOnce(className, config) ? 1 : 0);
    if (calls.length > 0) waiting.push({ name, calls: calls as Call[] });
  }
  if (waiting.reduce((sum, { calls }) => sum + calls.length, 0) > MAX_CALLS) return why.tooManyLayers;
  for (let nBefore = Infinity; waiting.length > 0;) {
    const n = waiting.reduce((sum, { calls }) => sum + calls.length, 0);
    if (n === nBefore) return why.waits(waiting[0]?.name ?? '');
    nBefore = n;
    waiting = waiting.flatMap(({ name, calls }) => {
      const rest = calls.filter((call) => {
        const isReady = call.every(([from, index]) => (made.get(from) ?? 0) > index);
        if (isReady) made.set(name, (made.get(name) ?? 0) + 1);
        return !isReady;
      });
      return rest.length > 0 ? [{ name, calls: rest }] : [];
    });
  }
  return null;
}

/** Inputs, and networks within the network, have been called once when they are made. */
function isMadeAtOnce(className: unknown, config: unknown): boolean {
  const { layers } = asFields(config);
  if (className !== 'Sequential') return className === 'InputLayer' || Array.isArray(layers);
  const first = asFields(Array.isArray(layers) ? layers[0] : null);
  const { batchInputShape, inputShape } = asFields(first['config']);
  return Array.isArray(batchInputShape) || Array.isArray(inputShape);
}

function asCall(node: unknown): Call | null {
  if (!Array.isArray(node) || node.length === 0) return null;
  const call = node.map((input: unknown): Call[number] | null => {
    const [name, index] = Array.isArray(input) ? (input as unknown[]) : [];
    const isOne = typeof name === 'string' && Number.isInteger(index) && (index as number) >= 0;
    return isOne ? [name, index as number] : null;
  });
  return call.includes(null) ? null : (call as Call);
}

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
