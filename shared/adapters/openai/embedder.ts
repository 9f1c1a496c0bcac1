import { RetryableError } from '../../domain/errors.ts';
import type { Embedder } from '../../ports/embedder.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { createClient, isOpenAi, type OpenAiSettings } from './client.ts';
import { embedderName } from './embedder-name.ts';
import { type Batch, createEmbeddingLimits } from './embedding-limits.ts';
import { RequestRejected } from './faults.ts';

/** The vendor's models: their own dimension, and whether they can be asked for fewer. */
const known: { readonly [model: string]: { dimensions: number; shortens: boolean } } = {
  'text-embedding-3-small': { dimensions: 1536, shortens: true },
  'text-embedding-3-large': { dimensions: 3072, shortens: true },
  'text-embedding-ada-002': { dimensions: 1536, shortens: false },
};

/** A failure that took longer is not tried again at once: a search is waiting. */
const fastFailureMs = 2_000;

const invalid = (why: string): RetryableError =>
  new RetryableError('embedder_invalid', `The embedding service answered ${why}.`);

const rejected = (): RetryableError =>
  new RetryableError('embedder_rejected', 'The embedding service refused the request.');

const unit = (values: readonly number[]): Float32Array => {
  const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  if (!(norm > 0 && norm < Number.POSITIVE_INFINITY)) throw invalid('a vector without a direction');
  return Float32Array.from(values, (value) => value / norm);
};

export interface OpenAiEmbedderSettings extends OpenAiSettings {
  /** Of the vectors. Asked for where the model can shorten its own, else only checked. */
  dimensions?: number | undefined;
  telemetry?: Telemetry | undefined;
}

const isPassing = (error: unknown): boolean => {
  const fault = error instanceof RequestRejected ? error.fault : error;
  return fault instanceof RetryableError && fault.code === 'embedder_unavailable';
};

/** Length that all vectors of an answer have. */
const dimensionOf = (vectors: readonly { readonly length: number }[]): number => {
  const [first] = vectors;
  const dimension = first?.length ?? 0;
  const other = vectors.find(({ length }) => length !== dimension);
  if (other) throw invalid(`${other.length} dimensions where ${dimension} were expected`);
  return dimension;
};

/**
 * Embeddings of OpenAI or of a compatible server. One quick failure to reach it is tried again at once; the rest is the
 * caller's schedule. Long texts are cut, and cut shorter where the server refuses them; batches are made smaller likewise.
 * The dimension of an unknown model is known by its answers, and its name follows it when it changes.
 * @throws RetryableError (`embedder_...`)
 */
export const createOpenAiEmbedder = (settings: OpenAiEmbedderSettings): Embedder => {
  const { model, telemetry } = settings;
  const vendorModel = known[model];
  const length = settings.dimensions ?? vendorModel?.dimensions;
  const shortened = vendorModel?.shortens && length !== vendorModel.dimensions;
  const call = createClient(settings, 'embedder');
  const limits = createEmbeddingLimits(isOpenAi(settings));
  const listeners: (() => void)[] = [];
  let dimension = length;

  const noteDimension = (answered: number): void => {
    if (answered === dimension) return;
    if (length !== undefined) throw invalid(`${answered} dimensions where ${length} were expected`);
    const former = dimension;
    dimension = answered;
    if (former !== undefined)
      telemetry?.log('warn', 'embedder.dimension_changed', { model, from: former, to: answered });
    for (const listener of listeners) listener();
  };

  const request = async (input: string[], signal?: AbortSignal): Promise<Float32Array[]> => {
    const body = {
      model,
      input,
      // The SDK asks for base64, which some compatible servers ignore.
      ...(!isOpenAi(settings) && { encoding_format: 'float' as const }),
      ...(shortened && length && { dimensions: length }),
    };
    const answer = await call((sdk, options) => sdk.embeddings.create(body, options), signal);
    const data = Array.isArray(answer.data) ? answer.data : [];
    if (data.length !== input.length) {
      throw invalid(`${data.length} vectors for ${input.length} texts`);
    }
    const vectors = data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => embedding);
    const answered = dimensionOf(vectors);
    const units = vectors.map(unit);
    noteDimension(answered);
    return units;
  };

  const withRetry = async (input: string[], signal?: AbortSignal): Promise<Float32Array[]> => {
    const start = performance.now();
    try {
      return await request(input, signal);
    } catch (error) {
      if (!isPassing(error) || performance.now() - start > fastFailureMs) throw error;
      return await request(input, signal);
    }
  };

  /** Vectors of a batch, of smaller ones or of shorter texts where the server refuses it. */
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
