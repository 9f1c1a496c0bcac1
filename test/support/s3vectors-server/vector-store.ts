import { compileFilter } from '../pinecone-server/metadata-filter.ts';
import { Refused } from '../pinecone-server/refused.ts';
import {
  checkFilterable,
  DeleteBody,
  GetBody,
  PutBody,
  parseBody,
  QueryBody,
  type StoredMetadata,
  type Vector,
} from './bodies.ts';
import { invalid, notFound } from './refusal.ts';

const maxConditions = 100;

/** Shape of one index. */
export interface IndexShape {
  dimension: number;
  nonFilterable: readonly string[];
}

type Change = (vectors: Map<string, Vector>) => void;

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

const distanceOf = (a: readonly number[], b: readonly number[]): number =>
  Math.fround(1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)));

/** Number of conditions: each value of a list is one. */
const conditionsIn = (filter: unknown): number => {
  if (typeof filter !== 'object' || filter === null) return 1;
  return Object.values(filter).reduce((sum: number, part) => sum + conditionsIn(part), 0);
};

const fieldsIn = (filter: unknown): string[] => {
  if (typeof filter !== 'object' || filter === null) return [];
  if (Array.isArray(filter)) return filter.flatMap(fieldsIn);
  return Object.entries(filter).flatMap(([field, part]) =>
    field === '$and' || field === '$or' ? fieldsIn(part) : [field],
  );
};

const filterBy = (filter: unknown, { nonFilterable }: IndexShape) => {
  if (filter === undefined) return () => true;
  if (conditionsIn(filter) > maxConditions) throw invalid('more than 100 filter constraints');
  if (fieldsIn(filter).some((field) => nonFilterable.includes(field)))
    throw invalid('a filter names a non-filterable key');
  try {
    return compileFilter(filter, { missingDiffers: true });
  } catch (error) {
    if (error instanceof Refused) throw invalid(JSON.stringify(error.body));
    throw error;
  }
};

const filterableOf = (fields: StoredMetadata = {}) =>
  Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [
      field,
      Array.isArray(value) ? value.map(String) : value,
    ]),
  );

/**
 * One index by cosine, with the validation of the service. Writes are seen after the lag, which the service does not have, in their
 * order; a query is cut into pages.
 */
const createIndex = (
  shape: IndexShape,
  { now, lagMs, pageSize }: { now: () => number; lagMs: () => number; pageSize: number },
) => {
  const visible = new Map<string, Vector>();
  let pending: { showsAt: number; change: Change }[] = [];

  const catchUp = (until: number): void => {
    while (pending[0] && pending[0].showsAt <= until) {
      pending[0].change(visible);
      pending = pending.slice(1);
    }
  };
  const write = (change: Change): void => {
    pending.push({ showsAt: now() + lagMs(), change });
    catchUp(now());
  };
  const checkLength = ({ float32 }: Vector['data']): void => {
    if (float32.length !== shape.dimension)
      throw invalid(`vectors of this index have ${shape.dimension} dimensions`);
  };

  return {
    vectors: visible,
    settle: () => catchUp(Number.POSITIVE_INFINITY),
    put(body: unknown) {
      const { vectors } = parseBody(PutBody, body);
      for (const { data, metadata = {} } of vectors) {
        checkLength(data);
        checkFilterable(metadata, shape.nonFilterable);
      }
      write((stored) => {
        for (const { data, ...vector } of vectors)
          stored.set(vector.key, { ...vector, data: { float32: data.float32.map(Math.fround) } });
      });
      return {};
    },
    remove(body: unknown) {
      const { keys } = parseBody(DeleteBody, body);
      write((stored) => {
        for (const key of keys) stored.delete(key);
      });
      return {};
    },
    get(body: unknown) {
      const { keys, returnData, returnMetadata } = parseBody(GetBody, body);
      catchUp(now());
      const found = keys.flatMap((key) => visible.get(key) ?? []);
      return {
        vectors: found.map(({ key, data, metadata }) => ({
          key,
          ...(returnData ? { data } : {}),
          ...(returnMetadata ? { metadata } : {}),
        })),
      };
    },
    query(body: unknown) {
      const request = parseBody(QueryBody, body);
      checkLength(request.queryVector);
      const passes = filterBy(request.filter, shape);
      catchUp(now());
      const from = Number(request.nextToken ?? 0);
      const found = [...visible.values()]
        .filter(({ metadata }) => passes(filterableOf(metadata)))
        .map((vector) => ({
          vector,
          distance: distanceOf(request.queryVector.float32, vector.data.float32),
        }))
        .sort((a, b) => a.distance - b.distance)
        .slice(0, request.topK);
      const next = from + pageSize;
      return {
        distanceMetric: 'cosine',
        vectors: found.slice(from, next).map(({ vector: { key, metadata }, distance }) => ({
          key,
          ...(request.returnDistance ? { distance } : {}),
          ...(request.returnMetadata ? { metadata } : {}),
        })),
        ...(next < found.length ? { nextToken: String(next) } : {}),
      };
    },
  };
};

/** The indexes of one vector bucket. */
export const createVectorStore = (options: Parameters<typeof createIndex>[1]) => {
  const indexes = new Map<string, ReturnType<typeof createIndex>>();
  return {
    add: (name: string, shape: IndexShape) => void indexes.set(name, createIndex(shape, options)),
    index(name: string) {
      const index = indexes.get(name);
      if (!index) throw notFound('The specified index could not be found');
      return index;
    },
    /** Keys of all vectors, by index. */
    keys: () => [...indexes].map(([name, { vectors }]) => ({ name, keys: [...vectors.keys()] })),
    settle() {
      for (const index of indexes.values()) index.settle();
    },
  };
};
