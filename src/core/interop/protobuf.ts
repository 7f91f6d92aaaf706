// Writes protocol buffers: a message is its fields, one after the other. As much as ONNX needs of it, and no
// reading. Imports nothing.
// Source: "Encoding" in the Protocol Buffers documentation.

/** The bytes of a message, or of some of its fields. */
export type Message = Uint8Array<ArrayBuffer>;

/** How a field's value is written: the low three bits of its key. */
const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

/** Fields together: a message. */
export function message(...fields: readonly Message[]): Message {
  const bytes = new Uint8Array(fields.reduce((length, field) => length + field.length, 0));
  let at = 0;
  for (const field of fields) {
    bytes.set(field, at);
    at += field.length;
  }
  return bytes;
}

/** An int64 or an enumeration: a whole number that a float64 holds exactly; a negative one takes ten bytes. */
export function integer(field: number, value: number): Message {
  return message(key(field, VARINT), varint(value));
}

/** A float32. */
export function float(field: number, value: number): Message {
  const bytes = new Uint8Array(Float32Array.BYTES_PER_ELEMENT);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return message(key(field, FIXED_32), bytes);
}

/** A string, bytes, or a message inside this one. */
export function nested(field: number, value: string | Uint8Array): Message {
  const bytes = typeof value === 'string' ? ascii(value) : Uint8Array.from(value);
  return message(key(field, LENGTH_DELIMITED), varint(bytes.length), bytes);
}

function key(field: number, wireType: number): Message {
  return varint((field << 3) | wireType);
}

function varint(value: number): Message {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.from([...bytes, Number(rest)]);
}

/** Names in a graph are plain: what is not ASCII becomes an underscore. */
function ascii(text: string): Message {
  return Uint8Array.from(text, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x80 ? code : '_'.charCodeAt(0);
  });
}
