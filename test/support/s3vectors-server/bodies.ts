import * as z from 'zod';
import { invalid } from './refusal.ts';

const maxFilterableBytes = 2_048;
const maxMetadataBytes = 40 * 1_024;
const maxMetadataKeys = 50;

const name = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/);
const key = z.string().min(1).max(1_024);
const ofIndex = { vectorBucketName: name, indexName: name };

const value = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.array(z.union([z.string(), z.number(), z.boolean()])).min(1),
]);
const metadata = z
  .record(z.string().min(1).max(63), value)
  .refine((fields) => Object.keys(fields).length <= maxMetadataKeys, 'more than 50 keys')
  .refine(
    (fields) => Buffer.byteLength(JSON.stringify(fields)) <= maxMetadataBytes,
    'metadata of more than 40 KB',
  );
export type StoredMetadata = z.infer<typeof metadata>;

/** Vectors of an index by cosine: the service refuses those without a direction. */
const data = z
  .strictObject({ float32: z.array(z.number()).min(1).max(4_096) })
  .refine(({ float32 }) => float32.some((one) => Math.fround(one) !== 0), 'a zero vector');

const vector = z.strictObject({ key, data, metadata: metadata.optional() });
export type Vector = z.infer<typeof vector>;

const areDistinct = (keys: readonly string[]): boolean => new Set(keys).size === keys.length;

export const PutBody = z.strictObject({
  ...ofIndex,
  vectors: z
    .array(vector)
    .min(1)
    .max(500)
    .refine((all) => areDistinct(all.map((one) => one.key)), 'duplicate keys'),
});

export const DeleteBody = z.strictObject({ ...ofIndex, keys: z.array(key).min(1).max(500) });

export const GetBody = z.strictObject({
  ...ofIndex,
  keys: z.array(key).min(1).max(100),
  returnData: z.boolean().default(false),
  returnMetadata: z.boolean().default(false),
});

export const QueryBody = z.strictObject({
  ...ofIndex,
  queryVector: data,
  topK: z.int().min(1).max(10_000),
  filter: z.unknown().optional(),
  returnMetadata: z.boolean().default(false),
  returnDistance: z.boolean().default(false),
  nextToken: z.string().optional(),
});

/** Rejects metadata that is too large to be filtered by. @throws Refusal */
export const checkFilterable = (fields: StoredMetadata, nonFilterable: readonly string[]): void => {
  const filterable = Object.entries(fields).filter(([field]) => !nonFilterable.includes(field));
  if (Buffer.byteLength(JSON.stringify(Object.fromEntries(filterable))) > maxFilterableBytes)
    throw invalid('Filterable metadata must have at most 2048 bytes');
};

/** @throws Refusal */
export const parseBody = <S extends z.ZodType>(schema: S, body: unknown): z.infer<S> => {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw invalid(z.prettifyError(parsed.error));
};
