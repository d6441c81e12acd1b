// Writes into a TensorFlow Lite model what it expects of its input. The models of the older packages of MediaPipe say it in the program that
// came with them; the library that we use wants to read it in the model.
//
// A model is a flatbuffer, whose references only point forward. So a new root with the metadata goes before the old file, and refers to what
// is in that. Tables: tensorflow/lite/schema/schema.fbs and metadata_schema.fbs.

/** What a model's tensors are aligned to, bytes. */
const ALIGNMENT = 16;
/** Fields of the table Model. */
const MODEL = { version: 0, operatorCodes: 1, subgraphs: 2, description: 3, buffers: 4, metadata: 6 };
/** The kind NormalizationOptions of the union ProcessUnitOptions. */
const NORMALIZATION = 1;

/** @typedef {{at: number}} Reference to what is there already, by its place in the finished file */
/** @typedef {{u32: number} | {u8: number} | {f32s: number[]} | {text: string} | {bytes: Uint8Array} | {list: Value[]} | {table: Record<number, Value>} | Reference} Value */

/** Appends flatbuffer objects; whatever they refer to comes after them. */
class Writer {
  /** @type {number[]} */ bytes = [];

  /** @param {number} n */
  u32(n) {
    for (let i = 0; i < 4; i++) this.bytes.push((n >>> (8 * i)) & 255);
  }

  /** @param {number} multiple */
  align(multiple) {
    while (this.bytes.length % multiple !== 0) this.bytes.push(0);
  }

  /** @param {number} place @param {number} target */
  patch(place, target) {
    const distance = target - place;
    for (let i = 0; i < 4; i++) this.bytes[place + i] = (distance >>> (8 * i)) & 255;
  }

  /**
   * @param {string} identifier
   * @param {Value} root
   */
  file(identifier, root) {
    this.u32(0);
    this.bytes.push(...Buffer.from(identifier));
    this.patch(0, this.value(root));
  }

  /** @param {Value} v @returns {number} where it is */
  value(v) {
    if ('at' in v) return v.at;
    if ('table' in v) return this.table(v.table);
    this.align(4);
    const start = this.bytes.length;
    if ('text' in v) {
      const text = Buffer.from(v.text);
      this.u32(text.length);
      this.bytes.push(...text, 0);
    } else if ('bytes' in v) {
      // The content comes to stand on a boundary.
      while ((this.bytes.length + 4) % ALIGNMENT !== 0) this.bytes.push(0);
      const place = this.bytes.length;
      this.u32(v.bytes.length);
      this.bytes.push(...v.bytes);
      return place;
    } else if ('f32s' in v) {
      this.u32(v.f32s.length);
      for (const f of v.f32s) this.bytes.push(...new Uint8Array(Float32Array.of(f).buffer));
    } else if ('list' in v) {
      this.u32(v.list.length);
      for (const _ of v.list) this.u32(0);
      v.list.forEach((item, i) => this.patch(start + 4 + 4 * i, this.value(item)));
    } else {
      throw new Error('a number stands only in a table');
    }
    return start;
  }

  /** @param {Record<number, Value>} fields every one takes four bytes @returns {number} */
  table(fields) {
    const numbers = Object.keys(fields).map(Number);
    const count = Math.max(...numbers) + 1;
    this.align(4);
    const vtable = this.bytes.length;
    const slots = Array(count).fill(0);
    numbers.forEach((n, i) => { slots[n] = 4 + 4 * i; });
    for (const n of [4 + 2 * count, 4 + 4 * numbers.length, ...slots]) this.bytes.push(n & 255, n >> 8);
    this.align(4);
    const start = this.bytes.length;
    this.u32(start - vtable);
    for (const n of numbers) {
      const v = fields[n];
      this.u32(v && 'u32' in v ? v.u32 : v && 'u8' in v ? v.u8 : 0);
    }
    numbers.forEach((n, i) => {
      const v = fields[n];
      if (v && !('u32' in v) && !('u8' in v)) this.patch(start + 4 + 4 * i, this.value(v));
    });
    return start;
  }
}

/** That pixels, 0 to 255, are given to the model as 0 to 1. */
function inputMetadata() {
  const w = new Writer();
  const normalization = { table: { 0: { f32s: [0] }, 1: { f32s: [255] } } };
  const unit = { table: { 0: { u8: NORMALIZATION }, 1: normalization } };
  const subgraph = { table: { 2: { list: [{ table: { 0: { text: 'image' }, 4: { list: [unit] } } }] }, 3: { list: [{ table: { 0: { text: 'person' } } }] } } };
  w.file('M001', { table: { 3: { list: [subgraph] } } });
  return Uint8Array.from(w.bytes);
}

/**
 * @param {Uint8Array} model without metadata
 * @returns {Uint8Array} the same with it
 */
export function withInputMetadata(model) {
  const old = new DataView(model.buffer, model.byteOffset, model.byteLength);
  const follow = (/** @type {number} */ place) => place + old.getUint32(place, true);
  const root = follow(0);
  const vtable = root - old.getInt32(root, true);
  /** @param {number} n @returns {number} place of a field, 0 if it is absent */
  const field = (n) => {
    const slot = 4 + 2 * n < old.getUint16(vtable, true) ? old.getUint16(vtable + 4 + 2 * n, true) : 0;
    return slot && root + slot;
  };
  if (field(MODEL.metadata) || !field(MODEL.buffers)) throw new Error('another model than this is made for');
  const buffers = follow(field(MODEL.buffers));
  const count = old.getUint32(buffers, true);

  /** @param {number} shift where the old file begins in the new one */
  const prefix = (shift) => {
    const kept = (/** @type {number} */ place) => ({ at: shift + follow(place) });
    const w = new Writer();
    w.file('TFL3', {
      table: {
        [MODEL.version]: { u32: old.getUint32(field(MODEL.version), true) },
        [MODEL.operatorCodes]: kept(field(MODEL.operatorCodes)), [MODEL.subgraphs]: kept(field(MODEL.subgraphs)),
        [MODEL.description]: kept(field(MODEL.description)),
        [MODEL.buffers]: { list: [...Array.from({ length: count }, (_, i) => kept(buffers + 4 + 4 * i)), { table: { 0: { bytes: inputMetadata() } } }] },
        [MODEL.metadata]: { list: [{ table: { 0: { text: 'TFLITE_METADATA' }, 1: { u32: count } } }] },
      },
    });
    w.align(ALIGNMENT);
    return w.bytes;
  };
  const { length } = prefix(0);
  return Buffer.concat([Uint8Array.from(prefix(length)), model]);
}
