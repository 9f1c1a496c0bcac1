import type {
  GetVectorsInput,
  PutInputVector,
  QueryOutputVector,
  QueryVectorsInput,
  S3VectorsClientConfig,
} from '@aws-sdk/client-s3vectors';
import { chunksOf } from '../../domain/chunks-of.ts';
import { RetryableError, TerminalError } from '../../domain/errors.ts';
import { mapConcurrent } from '../../domain/map-concurrent.ts';

/** Limits of the service for one request. */
const maxWrites = 500;
const maxReads = 100;
/** Below the 20 MiB of a request. */
const maxRequestBytes = 16_000_000;

/** Most bytes of a value in JSON with the digits of a float32, and of the metadata of a vector. */
const bytesPerValue = 14;
const metadataBytes = 20_000;

export interface FoundVector {
  metadata: unknown;
  distance: number;
}

const foundVector = ({ metadata, distance = 1 }: QueryOutputVector): FoundVector => ({
  metadata,
  distance,
});

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');

/** Exceptions of S3 Vectors, and of the SDK before it sends anything. */
const denials: readonly string[] = [
  'AccessDeniedException',
  'CredentialsProviderError',
  'ExpiredTokenException',
  'UnrecognizedClientException',
];
const throttles: readonly string[] = ['TooManyRequestsException', 'ThrottlingException'];

/**
 * Converts an exception of the SDK. Messages and causes are dropped, since both may quote the request. Errors that are no refusal of
 * this very request are retryable.
 */
const toIndexError = (error: unknown, bucket: string): RetryableError | TerminalError => {
  if (error instanceof RetryableError || error instanceof TerminalError) return error;
  const name = nameOf(error);
  if (throttles.includes(name))
    return new RetryableError('index_rate_limited', 'The vector index is limiting requests.');
  if (denials.includes(name))
    return new RetryableError(
      'index_unauthorized',
      `This process may not use the vector bucket ${bucket} (${name}).`,
    );
  if (name === 'NotFoundException')
    return new RetryableError('index_missing', `There is no such vector index in ${bucket}.`);
  if (name === 'ValidationException')
    return new TerminalError('index_rejected', `The vector bucket ${bucket} refused a request.`);
  return new RetryableError(
    'index_unavailable',
    `The vector bucket ${bucket} cannot be used (${name}).`,
  );
};

/** Part of an index that a query searches, and for what. */
export type VectorQuery = Pick<QueryVectorsInput, 'filter'> & {
  index: string;
  vector: readonly number[];
  topK: number;
};

/**
 * Client of one vector bucket. All its requests are idempotent, and tried at most three times. The SDK is loaded on first use.
 * @throws RetryableError `index_...`, TerminalError index_rejected
 */
export const createVectorBucket = ({
  bucket,
  client: config = {},
}: {
  bucket: string;
  client?: S3VectorsClientConfig | undefined;
}) => {
  const connect = async () => {
    const sdk = await import('@aws-sdk/client-s3vectors');
    const client = new sdk.S3VectorsClient({
      retryMode: 'standard',
      maxAttempts: 3,
      requestHandler: {
        connectionTimeout: 1_000,
        requestTimeout: 8_000,
        throwOnRequestTimeout: true,
      },
      ...config,
    });
    return { sdk, client };
  };
  let connected: ReturnType<typeof connect> | undefined;
  const call = async <T>(
    request: (connection: Awaited<ReturnType<typeof connect>>) => Promise<T>,
  ): Promise<T> => {
    connected ??= connect();
    try {
      return await request(await connected);
    } catch (error) {
      throw toIndexError(error, bucket);
    }
  };
  const named = (index: string) => ({ vectorBucketName: bucket, indexName: index });
  const inputOf = ({ index, vector, topK, filter }: VectorQuery): QueryVectorsInput => ({
    ...named(index),
    queryVector: { float32: [...vector] },
    topK,
    ...(filter === undefined ? {} : { filter }),
    returnMetadata: true,
    returnDistance: true,
  });

  return {
    /** Writes vectors of one dimension, each key once; a vector replaces that of the same key as a whole. */
    async put(index: string, vectors: readonly PutInputVector[], dimension: number): Promise<void> {
      const fit = Math.floor(maxRequestBytes / (dimension * bytesPerValue + metadataBytes));
      await mapConcurrent(chunksOf(vectors, Math.min(maxWrites, Math.max(1, fit))), (batch) =>
        call(({ sdk, client }) =>
          client.send(new sdk.PutVectorsCommand({ ...named(index), vectors: batch })),
        ),
      );
    },

    /** Removes vectors; unknown keys are no error. */
    async remove(index: string, keys: readonly string[]): Promise<void> {
      await mapConcurrent(chunksOf(keys, maxWrites), (batch) =>
        call(({ sdk, client }) =>
          client.send(new sdk.DeleteVectorsCommand({ ...named(index), keys: batch })),
        ),
      );
    },

    /** Returns which of these keys have a vector. */
    async existing(index: string, keys: readonly string[]): Promise<Set<string>> {
      const found = await mapConcurrent(chunksOf(keys, maxReads), async (batch) => {
        const input: GetVectorsInput = { ...named(index), keys: batch };
        const { vectors = [] } = await call(({ sdk, client }) =>
          client.send(new sdk.GetVectorsCommand(input)),
        );
        return vectors.map(({ key }) => String(key));
      });
      return new Set(found.flat());
    },

    /** Returns the nearest vectors, nearest first, from as many pages as the service cuts them into. */
    async query(query: VectorQuery): Promise<FoundVector[]> {
      const input = inputOf(query);
      const page = async (nextToken?: string) =>
        call(({ sdk, client }) =>
          client.send(new sdk.QueryVectorsCommand({ ...input, ...(nextToken && { nextToken }) })),
        );
      const found: FoundVector[] = [];
      let answer = await page();
      for (;;) {
        found.push(...(answer.vectors ?? []).map(foundVector));
        if (!answer.nextToken) return found;
        answer = await page(answer.nextToken);
      }
    },
  };
};

export type VectorBucket = ReturnType<typeof createVectorBucket>;
