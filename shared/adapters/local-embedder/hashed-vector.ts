/** FNV-1a, 32 bits. */
const fnv1a = (feature: string): number => {
  let value = 0x811c9dc5;
  for (let i = 0; i < feature.length; i++) {
    value = Math.imul(value ^ feature.charCodeAt(i), 0x01000193);
  }
  return value >>> 0;
};

/** Feature hashing: unit vector of a bag of features, each hashed to a dimension and a sign. */
export const hashFeatures = (features: readonly string[], dimensions: number): Float32Array => {
  const vector = new Float32Array(dimensions);
  for (const feature of features) {
    const hashed = fnv1a(feature);
    const dimension = hashed % dimensions;
    vector[dimension] = (vector[dimension] ?? 0) + (hashed & 0x80000000 ? -1 : 1);
  }
  const norm = Math.hypot(...vector);
  if (norm > 0) return vector.map((value) => value / norm);
  // There are no features, or their signs cancel out.
  vector[0] = 1;
  return vector;
};

/** More combining marks in a row than any language uses: Unicode normalization sorts such a run in quadratic time. */
const manyMarks = /(\p{M}{30})\p{M}+/gu;

const featuresOf = (text: string): string[] => {
  const words =
    text
      .replace(manyMarks, '$1')
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+|\S/gu) ?? [];
  return words.flatMap((word) => {
    const characters = [...word];
    return [word, ...characters.map((character, i) => character + (characters[i + 1] ?? ''))];
  });
};

/** Vector of the words and character pairs of a text, for scripts that the model does not support. */
export const hashedVector = (text: string, dimensions: number): Float32Array =>
  hashFeatures(featuresOf(text), dimensions);
