import { DeleteBody, FetchQuery, parseBody, QueryBody, UpsertBody, type Vector } from './bodies.ts';
import { createLaggingNamespace, type LaggingNamespace } from './lagging-namespace.ts';
import { compileFilter, type FilterOptions } from './metadata-filter.ts';
import { badRequest, unknownNamespace } from './refused.ts';

const maxRequestBytes = 2_000_000;
const maxAnswerBytes = 4_000_000;

export type DataOperation = 'upsert' | 'delete' | 'query' | 'fetch' | 'stats';

export interface Shape {
  dimension: number;
  metric: string;
}

export interface Reply {
  body: unknown;
  headers?: { [name: string]: string };
}

export interface DataRequest {
  body: unknown;
  bytes: number;
  params: URLSearchParams;
}

/** Rounds values to float32, as the service stores them. */
const rounded = (vector: Vector): Vector => ({
  ...vector,
  values: vector.values.map(Math.fround),
  ...(vector.sparseValues && {
    sparseValues: {
      indices: vector.sparseValues.indices,
      values: vector.sparseValues.values.map(Math.fround),
    },
  }),
});

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

const sparseDot = (
  a: Vector['sparseValues'] | undefined,
  b: Vector['sparseValues'] | undefined,
): number => {
  if (!a || !b) return 0;
  const weights = new Map(b.indices.map((index, i) => [index, b.values[i] ?? 0]));
  return a.indices.reduce(
    (sum, index, i) => sum + (a.values[i] ?? 0) * (weights.get(index) ?? 0),
    0,
  );
};

const readHeaders = (indexed: number) => ({ 'x-pinecone-max-indexed-lsn': String(indexed) });
const writeHeaders = (number: number) => ({ 'x-pinecone-request-lsn': String(number) });

/** Data plane of one index: upsert, query, fetch, delete and statistics, with the validation of the service. */
export const createDataPlane = (
  shape: Shape,
  options: FilterOptions & { now: () => number; lagMs: (operation: DataOperation) => number },
) => {
  const namespaces = new Map<string, LaggingNamespace>();

  const checkLength = (values: readonly number[]): void => {
    if (values.length === shape.dimension) return;
    throw badRequest(
      `Vector dimension ${values.length} does not match the dimension of the index ${shape.dimension}`,
    );
  };

  const upsert = ({ body, bytes }: DataRequest): Reply => {
    if (bytes > maxRequestBytes) throw badRequest(`message length too large: ${bytes} bytes`);
    const { vectors, namespace: name } = parseBody(UpsertBody, body);
    for (const { values } of vectors) checkLength(values);
    const namespace = namespaces.get(name) ?? createLaggingNamespace(options.now);
    namespaces.set(name, namespace);
    const number = namespace.write(options.lagMs('upsert'), (stored) => {
      for (const vector of vectors) stored.set(vector.id, rounded(vector));
    });
    return { body: { upsertedCount: vectors.length }, headers: writeHeaders(number) };
  };

  const remove = ({ body }: DataRequest): Reply => {
    const { namespace: name, ids, filter, deleteAll } = parseBody(DeleteBody, body);
    const passes = compileFilter(filter, options);
    const namespace = namespaces.get(name);
    if (!namespace) throw unknownNamespace();
    const isDeleted = ({ id, metadata = {} }: Vector): boolean =>
      deleteAll || (ids ? ids.includes(id) : passes(metadata));
    const number = namespace.write(options.lagMs('delete'), (stored) => {
      for (const vector of [...stored.values()]) if (isDeleted(vector)) stored.delete(vector.id);
    });
    return { body: {}, headers: writeHeaders(number) };
  };

  const scorer = (request: QueryBody, stored: Map<string, Vector>) => {
    const values = request.vector ?? stored.get(request.id ?? '')?.values ?? [];
    checkLength(values);
    if (request.sparseVector && shape.metric !== 'dotproduct')
      throw badRequest('Index configuration does not support sparse values');
    const divisor = (other: readonly number[]) =>
      shape.metric === 'cosine' ? Math.sqrt(dot(values, values) * dot(other, other)) || 1 : 1;
    return (vector: Vector): number =>
      Math.fround(
        dot(values, vector.values) / divisor(vector.values) +
          sparseDot(request.sparseVector, vector.sparseValues),
      );
  };

  const query = ({ body }: DataRequest): Reply => {
    const request = parseBody(QueryBody, body);
    const passes = compileFilter(request.filter, options);
    const { vectors, indexed } = namespaces.get(request.namespace)?.read() ?? {
      vectors: new Map<string, Vector>(),
      indexed: 0,
    };
    const scoreOf = scorer(request, vectors);
    const matches = [...vectors.values()]
      .filter(({ metadata = {} }) => passes(metadata))
      .map((vector) => ({ vector, score: scoreOf(vector) }))
      .sort((a, b) => b.score - a.score)
      .slice(0, request.topK)
      .map(({ vector: { id, values, sparseValues, metadata }, score }) => ({
        id,
        score,
        values: request.includeValues ? values : [],
        ...(request.includeValues && sparseValues ? { sparseValues } : {}),
        ...(request.includeMetadata && metadata ? { metadata } : {}),
      }));
    const answer = { matches, namespace: request.namespace, usage: { readUnits: 1 } };
    if (Buffer.byteLength(JSON.stringify(answer)) > maxAnswerBytes)
      throw badRequest('the response exceeds 4 MB');
    return { body: answer, headers: readHeaders(indexed) };
  };

  const fetch = ({ params }: DataRequest): Reply => {
    const request = parseBody(FetchQuery, {
      ids: params.getAll('ids'),
      namespace: params.get('namespace') ?? undefined,
    });
    const { vectors, indexed } = namespaces.get(request.namespace)?.read() ?? {
      vectors: new Map<string, Vector>(),
      indexed: 0,
    };
    const found = request.ids.flatMap((id) => {
      const vector = vectors.get(id);
      return vector ? [[id, vector] as const] : [];
    });
    return {
      body: { vectors: Object.fromEntries(found), namespace: request.namespace },
      headers: readHeaders(indexed),
    };
  };

  const stats = (): Reply => {
    const counts = [...namespaces].map(
      ([name, namespace]) => [name, { vectorCount: namespace.read().vectors.size }] as const,
    );
    return {
      body: {
        namespaces: Object.fromEntries(counts),
        dimension: shape.dimension,
        indexFullness: 0,
        totalVectorCount: counts.reduce((sum, [, { vectorCount }]) => sum + vectorCount, 0),
      },
    };
  };

  return {
    routes: new Map<string, { operation: DataOperation; run(request: DataRequest): Reply }>([
      ['POST /vectors/upsert', { operation: 'upsert', run: upsert }],
      ['POST /vectors/delete', { operation: 'delete', run: remove }],
      ['POST /query', { operation: 'query', run: query }],
      ['GET /vectors/fetch', { operation: 'fetch', run: fetch }],
      ['POST /describe_index_stats', { operation: 'stats', run: stats }],
    ]),
    namespaces,
    settle() {
      for (const namespace of namespaces.values()) namespace.settle();
    },
  };
};
