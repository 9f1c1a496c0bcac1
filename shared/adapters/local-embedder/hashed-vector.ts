import { analyze } from '../../domain/memory/analyzer.ts';

/** FNV-1a, 32 bits. */
const fnv1a = (feature: string): number => {
  let value = 0x811c9dc5;
  for (let i = 0; i < feature.length; i++) {
    value = Math.imul(value ^ feature.charCodeAt(i), 0x01000193);
  }
  return value >>> 0;
};

type Feature = readonly [name: string, weight: number];

/** Feature hashing: unit vector of a bag of weighted features, each hashed to a dimension and a sign. */
export const hashFeatures = (features: readonly Feature[], dimensions: number): Float32Array => {
  const vector = new Float32Array(dimensions);
  for (const [name, weight] of features) {
    const hashed = fnv1a(name);
    const dimension = hashed % dimensions;
    vector[dimension] = (vector[dimension] ?? 0) + (hashed & 0x80000000 ? -weight : weight);
  }
  const norm = Math.hypot(...vector);
  if (norm > 0) return vector.map((value) => value / norm);
  // There are no features, or their signs cancel out.
  vector[0] = 1;
  return vector;
};

/** Made by the first text that needs it: that takes up to 50 ms, once. */
let segmenter: Intl.Segmenter | undefined;
/** Scripts whose terms are single characters and pairs, which a word by dictionary supplements. */
const eastern = /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}]/u;
/** Particles and endings of Japanese, pronouns and particles of Chinese, and pairs and words of them. */
const common =
  /^[\p{Script=Hiragana}我你您他她它们們是在有和与與不也都就很的地得了着著过過吗嗎呢吧把被这這那哪个個一什么麼谁誰怎]+$/u;

/** Words count most; pairs, characters and short words, which unrelated texts share, count less. */
const weightOfTerm = (term: string): number => {
  if (eastern.test(term)) return common.test(term) ? 0.2 : 0.5;
  return Array.from(term).length > 2 ? 1 : 0.3;
};

/** Parts of a word of three characters: words of one root share some even where their stems differ. */
const trigramsOf = (word: string): Feature[] => {
  const characters = Array.from(word);
  if (characters.length < 4) return [];
  return characters
    .slice(2)
    .map((last, i) => [`part ${characters[i] ?? ''}${characters[i + 1] ?? ''}${last}`, 0.3]);
};

const featuresOf = (text: string): Feature[] => {
  const features: Feature[] = [];
  for (const term of analyze(text)) {
    features.push([term, weightOfTerm(term)]);
    if (!eastern.test(term)) features.push(...trigramsOf(term));
  }
  segmenter ??= new Intl.Segmenter('zh', { granularity: 'word' });
  for (const { segment } of segmenter.segment(text.normalize('NFKC')))
    if (segment.length > 1 && eastern.test(segment))
      features.push([`word ${segment}`, common.test(segment) ? 0.2 : 1]);
  return features.length > 0 ? features : (text.match(/\S/gu) ?? []).map((sign) => [sign, 1]);
};

/**
 * Vector of the words of a text, of their stems, and of pairs of characters of Chinese, Japanese and Korean, for scripts that
 * the model does not support. Such vectors find texts with the same words, not with the same meaning.
 */
export const hashedVector = (text: string, dimensions: number): Float32Array =>
  hashFeatures(featuresOf(text), dimensions);
