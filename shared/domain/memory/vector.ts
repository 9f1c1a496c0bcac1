/** Vectors from this length on are stored in one byte for each value: each write of an item is charged by its size. */
const minCodedLength = 512;
/** First four bytes of such a vector: a float32 that is no number, which no vector of floats has. */
const codedMark = 0x7fc0_5138;
const maxCode = 127;
/** Bytes before the codes: the mark, and the value of code 1 as a float32. */
const headBytes = 8;

const encodeCodes = (values: ArrayLike<number>): Buffer => {
  const bytes = Buffer.alloc(headBytes + values.length);
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i] ?? 0));
  const unit = largest / maxCode || 1;
  bytes.writeUInt32LE(codedMark, 0);
  bytes.writeFloatLE(unit, 4);
  for (let i = 0; i < values.length; i++)
    bytes.writeInt8(Math.round((values[i] ?? 0) / unit), headBytes + i);
  return bytes;
};

const isCoded = (bytes: Buffer): boolean =>
  bytes.length > headBytes && bytes.readUInt32LE(0) === codedMark;

const codesIn = (bytes: Buffer): Int8Array =>
  new Int8Array(bytes.buffer, bytes.byteOffset + headBytes, bytes.length - headBytes);

/** Values of codes, scaled to unit length as the vector was. */
const decodeCodes = (bytes: Buffer): Float32Array => {
  const codes = codesIn(bytes);
  const { length } = codes;
  const values = new Float32Array(length);
  let squares = 0;
  for (let i = 0; i < length; i++) {
    const code = codes[i] ?? 0;
    values[i] = code;
    squares += code * code;
  }
  const unit = squares === 0 ? 0 : 1 / Math.sqrt(squares);
  for (let i = 0; i < length; i++) values[i] = (values[i] ?? 0) * unit;
  return values;
};

/** Cosine of a vector of unit length and one of codes, without decoding it: every search computes many. */
const cosineOfCodes = (vector: Float32Array, codes: Int8Array): number => {
  const { length } = vector;
  let product = 0;
  let squares = 0;
  for (let i = 0; i < length; i++) {
    const code = codes[i] ?? 0;
    product += (vector[i] ?? 0) * code;
    squares += code * code;
  }
  return squares === 0 ? 0 : Math.min(1, product / Math.sqrt(squares));
};

/**
 * Encodes a vector of unit length as base64 (little endian), the stored form: float32s, or bytes if it is long. A version that does
 * not know bytes reads a vector of another length, and compares it with none.
 */
export const encodeVector = (values: ArrayLike<number>): string => {
  if (values.length >= minCodedLength && values.length % 4 === 0)
    return encodeCodes(values).toString('base64');
  const floats = Float32Array.from(values);
  return Buffer.from(floats.buffer, floats.byteOffset, floats.byteLength).toString('base64');
};

export const decodeVector = (base64: string): Float32Array => {
  const bytes = Buffer.from(base64, 'base64');
  return isCoded(bytes) ? decodeCodes(bytes) : new Float32Array(new Uint8Array(bytes).buffer);
};

/** Cosine of the angle between two vectors; 0 when their lengths differ or one is zero. */
export const cosine = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  if (a.length !== b.length) return 0;
  let dot = 0;
  let normA = 0;
  let normB = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i] ?? 0;
    const y = b[i] ?? 0;
    dot += x * y;
    normA += x * x;
    normB += y * y;
  }
  return normA === 0 || normB === 0 ? 0 : dot / Math.sqrt(normA * normB);
};

/**
 * Dot product of a vector with as many values of `others` from `start` on. This is the hot loop of every search: four
 * independent sums let the processor overlap additions.
 */
export const dot = (vector: Float32Array, others: Float32Array, start = 0): number => {
  const { length } = vector;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    a += (vector[i] ?? 0) * (others[start + i] ?? 0);
    b += (vector[i + 1] ?? 0) * (others[start + i + 1] ?? 0);
    c += (vector[i + 2] ?? 0) * (others[start + i + 2] ?? 0);
    d += (vector[i + 3] ?? 0) * (others[start + i + 3] ?? 0);
  }
  for (; i < length; i++) a += (vector[i] ?? 0) * (others[start + i] ?? 0);
  return a + b + c + d;
};

/** Cosine of the angle between two vectors of unit length; 0 when their lengths differ. */
export const unitCosine = (a: Float32Array, b: Float32Array): number =>
  a.length === b.length ? Math.min(1, dot(a, b)) : 0;

/**
 * Returns a function from a stored vector (base64) to its cosine with `vector`, without an allocation per call. All vectors
 * have unit length.
 */
export const cosinesWith = (vector: Float32Array): ((base64: string) => number) => {
  const { length } = vector;
  // Longer by one value than the largest vector, so that a longer one is detected.
  const other = new Float32Array(length + 1);
  const bytes = Buffer.from(other.buffer);
  const codes = length > headBytes ? codesIn(bytes) : new Int8Array();
  return (base64) => {
    const written = bytes.write(base64, 'base64');
    if (written === headBytes + length && isCoded(bytes)) return cosineOfCodes(vector, codes);
    if (written !== length * Float32Array.BYTES_PER_ELEMENT) return 0;
    return Math.min(1, dot(vector, other));
  };
};
