import { z } from 'zod';
import { badRequest } from './refused.ts';

const maxIds = 1_000;
const maxMetadataBytes = 40 * 1_024;
const maxSparseValues = 1_000;

const ascii = /^[\x20-\x7e]*$/;
const id = z.string().min(1).max(512).regex(ascii, 'ids are ASCII');
const namespace = z.string().max(512).regex(ascii, 'namespaces are ASCII').default('__default__');
const finite = z.number();

const sparse = z
  .strictObject({
    indices: z.array(z.int().min(0).max(4_294_967_295)).min(1).max(maxSparseValues),
    values: z.array(finite).min(1),
  })
  .refine(({ indices, values }) => indices.length === values.length, 'unequal lengths')
  .refine(({ indices }) => new Set(indices).size === indices.length, 'duplicate indices')
  .refine(({ values }) => values.every((value) => value !== 0), 'zero sparse values');

const metadata = z
  .record(
    z.string().regex(/^[^$]/, 'metadata keys must not start with $'),
    z.union([z.string(), finite, z.boolean(), z.array(z.string())]),
  )
  .refine(
    (value) => Buffer.byteLength(JSON.stringify(value)) <= maxMetadataBytes,
    'metadata exceeds 40 KB',
  );

const vector = z.strictObject({
  id,
  values: z.array(finite).refine((values) => values.some((value) => Math.fround(value) !== 0), {
    error: 'Dense vectors must contain at least one non-zero value.',
  }),
  sparseValues: sparse.optional(),
  metadata: metadata.optional(),
});
export type Vector = z.infer<typeof vector>;

export const UpsertBody = z.strictObject({
  vectors: z
    .array(vector)
    .min(1)
    .max(maxIds)
    .refine((vectors) => new Set(vectors.map((one) => one.id)).size === vectors.length, {
      error: 'duplicate ids',
    }),
  namespace,
});

export const QueryBody = z
  .strictObject({
    namespace,
    topK: z.int().min(1).max(10_000),
    filter: z.unknown().optional(),
    includeValues: z.boolean().default(false),
    includeMetadata: z.boolean().default(false),
    vector: z.array(finite).min(1).optional(),
    id: id.optional(),
    sparseVector: sparse.optional(),
  })
  .refine((body) => (body.vector === undefined) !== (body.id === undefined), 'vector or id');
export type QueryBody = z.infer<typeof QueryBody>;

export const DeleteBody = z
  .strictObject({
    namespace,
    ids: z.array(id).min(1).max(maxIds).optional(),
    filter: z.unknown().optional(),
    deleteAll: z.literal(true).optional(),
  })
  .refine(
    ({ ids, filter, deleteAll }) =>
      [ids, filter, deleteAll].filter((part) => part !== undefined).length === 1,
    'ids, filter or deleteAll',
  );

export const FetchQuery = z.object({ ids: z.array(id).min(1).max(maxIds), namespace });

/** @throws Refused */
export const parseBody = <S extends z.ZodType>(schema: S, body: unknown): z.infer<S> => {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw badRequest(z.prettifyError(parsed.error));
};
