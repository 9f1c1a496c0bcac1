import { RetryableError } from '../../domain/errors.ts';
import type { Embedder } from '../../ports/embedder.ts';
import { createClient, isVendor, type OpenAiSettings } from './client.ts';
import { embedderName } from './embedder-name.ts';
import { batchesOf, prepared } from './embedding-batches.ts';
import { RequestRejected } from './faults.ts';

/** The vendor's models: their own dimension, and whether they can be asked for fewer. */
const known: { readonly [model: string]: { dimensions: number; shortens: boolean } } = {
  'text-embedding-3-small': { dimensions: 1536, shortens: true },
  'text-embedding-3-large': { dimensions: 3072, shortens: true },
  'text-embedding-ada-002': { dimensions: 1536, shortens: false },
};

/** A failure that took longer is not tried again at once: a search is waiting. */
const quickMs = 2_000;
/** Below 8,192 tokens in nearly every script; then what even a window of 512 tokens takes. */
const characterLimits = [6_000, 1_000] as const;

const invalid = (why: string): RetryableError =>
  new RetryableError('embedder_invalid', `The embedding service answered ${why}.`);

const unit = (values: readonly number[]): Float32Array => {
  const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  if (!(norm > 0 && norm < Number.POSITIVE_INFINITY)) throw invalid('a vector without a direction');
  return Float32Array.from(values, (value) => value / norm);
};

export interface OpenAiEmbedderSettings extends OpenAiSettings {
  /** Of the vectors. Asked for where the model can shorten its own, else only checked. */
  dimensions?: number | undefined;
}

/**
 * Embeddings of OpenAI or of a compatible server. One quick failure to reach it is tried again at once; the rest is the
 * caller's schedule. Long texts are cut, and cut shorter where the model refuses them.
 * @throws RetryableError (`embedder_...`)
 */
export const createOpenAiEmbedder = (settings: OpenAiEmbedderSettings): Embedder => {
  const { model } = settings;
  const vendorModel = known[model];
  const length = settings.dimensions ?? vendorModel?.dimensions;
  const shortened = vendorModel?.shortens && length !== vendorModel.dimensions;
  const call = createClient(settings, 'embedder');
  /** The length of every vector; with an unknown model the first answer tells. */
  let expected = length;

  const request = async (input: string[], signal?: AbortSignal): Promise<Float32Array[]> => {
    const body = {
      model,
      input,
      // The SDK asks for base64, which some compatible servers ignore.
      ...(!isVendor(settings) && { encoding_format: 'float' as const }),
      ...(shortened && length && { dimensions: length }),
    };
    const answer = await call((sdk, options) => sdk.embeddings.create(body, options), signal);
    const data = Array.isArray(answer.data) ? answer.data : [];
    if (data.length !== input.length) {
      throw invalid(`${data.length} vectors for ${input.length} texts`);
    }
    return data
      .toSorted((a, b) => a.index - b.index)
      .map(({ embedding }) => {
        expected ??= embedding.length;
        if (embedding.length === expected) return unit(embedding);
        throw invalid(`${embedding.length} dimensions where ${expected} were expected`);
      });
  };

  const persistent = async (input: string[], signal?: AbortSignal): Promise<Float32Array[]> => {
    const start = performance.now();
    try {
      return await request(input, signal);
    } catch (error) {
      const passing = error instanceof RetryableError && error.code === 'embedder_unavailable';
      if (!passing || performance.now() - start > quickMs) throw error;
      return await request(input, signal);
    }
  };

  const embedBatch = async (texts: string[], signal?: AbortSignal): Promise<Float32Array[]> => {
    for (const limit of characterLimits) {
      try {
        return await persistent(
          texts.map((text) => prepared(text, limit)),
          signal,
        );
      } catch (error) {
        if (!(error instanceof RequestRejected)) throw error;
      }
    }
    throw new RetryableError('embedder_rejected', 'The embedding service refused the request.');
  };

  return {
    model: embedderName(model, length),
    async embed(texts, signal) {
      const vectors: Float32Array[] = [];
      for (const batch of batchesOf(texts.map((text) => prepared(text, characterLimits[0])))) {
        vectors.push(...(await embedBatch(batch, signal)));
      }
      return vectors;
    },
  };
};
