import { RetryableError } from '../../domain/errors.ts';
import type { Embedder } from '../../ports/embedder.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import type { AnswerLimits } from './bounded-fetch.ts';
import { createClient, isOpenAi, type OpenAiSettings } from './client.ts';
import { embedderName } from './embedder-name.ts';
import { type Batch, createEmbeddingLimits } from './embedding-limits.ts';
import { RequestRejected } from './faults.ts';

/** Models of OpenAI, with their dimension and whether the API can shorten their vectors. */
const knownModels: { readonly [model: string]: { dimensions: number; shortens: boolean } } = {
  'text-embedding-3-small': { dimensions: 1536, shortens: true },
  'text-embedding-3-large': { dimensions: 3072, shortens: true },
  'text-embedding-ada-002': { dimensions: 1536, shortens: false },
};

/** A slower failure is not retried at once, because a search may be waiting. */
const fastFailureMs = 2_000;

const invalid = (why: string): RetryableError =>
  new RetryableError('embedder_invalid', `The embedding service answered ${why}.`);

const rejected = (): RetryableError =>
  new RetryableError('embedder_rejected', 'The embedding service refused the request.');

/** Largest dimension of a model that is not known otherwise. */
const maxUnknownDimension = 4_096;
/** Bytes of a number in JSON, with its comma and white space. */
const bytesPerNumber = 32;
/** Bytes and values of an answer besides its vectors: enough for one of another dimension than expected, which is reported. */
const envelope: AnswerLimits = { bytes: 200_000, values: 8_192 };

/** Limits of an answer with so many vectors. */
const limitsOf = (count: number, dimension: number): AnswerLimits => ({
  bytes: envelope.bytes + count * dimension * bytesPerNumber,
  values: envelope.values + count * dimension,
});

type Vector = readonly number[] | Float32Array;

const isVector = (value: unknown): value is Vector =>
  value instanceof Float32Array ||
  (Array.isArray(value) && value.every((number) => typeof number === 'number'));

/** An entry of an answer. @throws RetryableError embedder_invalid */
const entryOf = (entry: unknown): { index: number; vector: Vector } => {
  const { index, embedding }: { index?: unknown; embedding?: unknown } = Object(entry);
  if (!isVector(embedding)) throw invalid('something else than a list of numbers');
  return { index: typeof index === 'number' ? index : 0, vector: embedding };
};

/** Vectors of an answer, in the order of the texts. @throws RetryableError embedder_invalid */
const vectorsIn = (answer: unknown, count: number): Vector[] => {
  const { data }: { data?: unknown } = Object(answer);
  const entries = Array.isArray(data) ? data : [];
  if (entries.length !== count) throw invalid(`${entries.length} vectors for ${count} texts`);
  return entries
    .map(entryOf)
    .sort((a, b) => a.index - b.index)
    .map(({ vector }) => vector);
};

const toUnitVector = (values: Vector): Float32Array => {
  let squares = 0;
  for (const value of values) squares += value * value;
  const norm = Math.sqrt(squares);
  if (!(norm > 0 && norm < Number.POSITIVE_INFINITY)) throw invalid('a vector without a direction');
  const unit = new Float32Array(values.length);
  for (let at = 0; at < unit.length; at++) unit[at] = (values[at] ?? 0) / norm;
  return unit;
};

export interface OpenAiEmbedderSettings extends OpenAiSettings {
  /** Dimension of the vectors; requested if the model can shorten its vectors, else only checked. */
  dimensions?: number | undefined;
  telemetry?: Telemetry | undefined;
}

const isTransient = (error: unknown): boolean => {
  const fault = error instanceof RequestRejected ? error.fault : error;
  return fault instanceof RetryableError && fault.code === 'embedder_unavailable';
};

/** Common dimension of all vectors. @throws RetryableError embedder_invalid when they differ */
const dimensionOf = (vectors: readonly { readonly length: number }[]): number => {
  const [first] = vectors;
  const dimension = first?.length ?? 0;
  const other = vectors.find(({ length }) => length !== dimension);
  if (other) throw invalid(`${other.length} dimensions where ${dimension} were expected`);
  return dimension;
};

/**
 * Embeddings of OpenAI or of a compatible server. Retries one fast network failure at once; further retries are left to
 * the caller. Truncates long texts, and shrinks texts and batches further when the server refuses them; the limits found
 * are remembered until the process ends. The dimension of an unknown model is taken from its responses: when it changes,
 * the model name changes and listeners are called. Calls are idempotent and may run concurrently.
 * @throws RetryableError (`embedder_...`)
 */
export const createOpenAiEmbedder = (settings: OpenAiEmbedderSettings): Embedder => {
  const { model, telemetry } = settings;
  const knownModel = knownModels[model];
  const expected = settings.dimensions ?? knownModel?.dimensions;
  const isShortened = knownModel?.shortens && expected !== knownModel.dimensions;
  const call = createClient(settings, 'embedder');
  const limits = createEmbeddingLimits(isOpenAi(settings));
  const listeners: (() => void)[] = [];
  let dimension = expected;

  const updateDimension = (actual: number): void => {
    if (actual === dimension) return;
    if (expected !== undefined)
      throw invalid(`${actual} dimensions where ${expected} were expected`);
    const former = dimension;
    dimension = actual;
    if (former !== undefined)
      telemetry?.log('warn', 'embedder.dimension_changed', { model, from: former, to: actual });
    for (const listener of listeners) listener();
  };

  const request = async (input: string[], signal?: AbortSignal): Promise<Float32Array[]> => {
    const body = {
      model,
      input,
      // The SDK requests base64 by default, which some compatible servers ignore.
      ...(!isOpenAi(settings) && { encoding_format: 'float' as const }),
      ...(isShortened && expected && { dimensions: expected }),
    };
    const answer: unknown = await call((sdk, options) => sdk.embeddings.create(body, options), {
      signal,
      limits: limitsOf(input.length, expected ?? Math.max(maxUnknownDimension, dimension ?? 0)),
    });
    const vectors = vectorsIn(answer, input.length);
    const actual = dimensionOf(vectors);
    const units = vectors.map(toUnitVector);
    updateDimension(actual);
    return units;
  };

  const withRetry = async (input: string[], signal?: AbortSignal): Promise<Float32Array[]> => {
    const start = performance.now();
    try {
      return await request(input, signal);
    } catch (error) {
      if (!isTransient(error) || performance.now() - start > fastFailureMs) throw error;
      return await request(input, signal);
    }
  };

  /** Embeds a batch; after a refusal in smaller batches or with shorter texts. */
  const embedBatch = async (batch: Batch, signal?: AbortSignal): Promise<Float32Array[]> => {
    try {
      const vectors = await withRetry(batch.texts, signal);
      limits.accepted(batch);
      return vectors;
    } catch (error) {
      if (!(error instanceof RequestRejected)) throw error;
      const smaller = limits.smaller(batch, error);
      if (!smaller) throw error.fault ?? rejected();
      const vectors: Float32Array[] = [];
      for (const part of smaller) vectors.push(...(await embedBatch(part, signal)));
      return vectors;
    }
  };

  return {
    get model() {
      return embedderName(model, dimension);
    },
    async embed(texts, { signal } = {}) {
      const vectors: Float32Array[] = [];
      for (const batch of limits.batchesOf(texts))
        vectors.push(...(await embedBatch(batch, signal)));
      return vectors;
    },
    onModelChange: (listener) => void listeners.push(listener),
  };
};
