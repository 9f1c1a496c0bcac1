import { describe, expect, it } from 'vitest';
import {
  cosine,
  cosinesWith,
  decodeVector,
  encodeVector,
  unitCosine,
} from '../../../shared/domain/memory/vector.ts';

/** A vector of unit length with values of a fixed pseudorandom sequence. */
const unitVector = (length: number, seed: number): Float32Array => {
  let state = seed;
  const values = Float32Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648 - 0.5;
  });
  const norm = Math.hypot(...values);
  return values.map((value) => value / norm);
};

describe('stored vectors', () => {
  it('a short vector is stored exactly', () => {
    const vector = unitVector(384, 7);

    expect(decodeVector(encodeVector(vector))).toEqual(vector);
  });

  it('a long vector takes one byte for each value, and points the same way', () => {
    const vector = unitVector(1_536, 7);
    const stored = encodeVector(vector);

    expect(Buffer.from(stored, 'base64')).toHaveLength(1_536 + 8);
    expect(cosine(decodeVector(stored), vector)).toBeGreaterThan(0.9999);
    expect(Math.hypot(...decodeVector(stored))).toBeCloseTo(1);
  });

  it.each([384, 1_536])(
    'cosines with stored vectors of %i values are those of the vectors',
    (length) => {
      const [query, one, other] = [1, 2, 3].map((seed) => unitVector(length, seed));
      if (!query || !one || !other) throw new Error('three vectors');
      const cosineOf = cosinesWith(query);

      const found = [one, other, query].map((vector) => cosineOf(encodeVector(vector)));

      for (const [index, vector] of [one, other, query].entries())
        expect(found[index]).toBeCloseTo(unitCosine(query, vector), 3);
    },
  );

  it('a stored vector of another length has the cosine 0, with floats and with bytes', () => {
    const cosineOf = cosinesWith(unitVector(1_536, 1));

    expect(cosineOf(encodeVector(unitVector(3_072, 2)))).toBe(0);
    expect(cosineOf(encodeVector(unitVector(384, 2)))).toBe(0);
  });

  it('a long vector of zeros is read back as zeros', () => {
    expect(decodeVector(encodeVector(new Float32Array(1_536)))).toEqual(new Float32Array(1_536));
  });

  it('a version that reads floats only takes a long vector for one of another length', () => {
    const bytes = Buffer.from(encodeVector(unitVector(1_536, 1)), 'base64');
    const floats = new Float32Array(new Uint8Array(bytes).buffer);

    expect(floats).toHaveLength(386);
  });
});
