import { dot } from '../../domain/memory/vector.ts';

const largestCode = 127;

/** A vector of unit length in one byte per value: the values are `codes` times `scale`. */
export interface Codes {
  codes: Int8Array;
  scale: number;
}

/** Returns a vector of the same direction and of unit length. */
export const normalize = (vector: Float32Array): Float32Array => {
  const norm = Math.sqrt(dot(vector, vector)) || 1;
  const scaled = new Float32Array(vector.length);
  for (let i = 0; i < vector.length; i++) scaled[i] = (vector[i] as number) / norm;
  return scaled;
};

/** Encodes a vector of unit length. */
export const encodeUnit = (unit: Float32Array): Codes => {
  let largest = 0;
  for (const value of unit) largest = Math.max(largest, Math.abs(value));
  const scale = largest / largestCode || 1;
  const codes = new Int8Array(unit.length);
  for (let i = 0; i < codes.length; i++) codes[i] = Math.round((unit[i] ?? 0) / scale);
  return { codes, scale };
};

export const encode = (vector: Float32Array): Codes => encodeUnit(normalize(vector));

/** Distance of a vector from its codes: no cosine of the vector differs by more from that of its codes. */
export const distanceFrom = (vector: Float32Array, { codes, scale }: Codes): number => {
  let squares = 0;
  for (let i = 0; i < vector.length; i++) {
    const difference = (vector[i] ?? 0) - (codes[i] ?? 0) * scale;
    squares += difference * difference;
  }
  return Math.sqrt(squares);
};
