import { z } from 'zod';
import type { Reply, Shape } from './data-plane.ts';
import { controlRefusal } from './refused.ts';

const name = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,43}[a-z0-9])?$/, 'an index name');
const metric = z.enum(['cosine', 'euclidean', 'dotproduct']);

/** Bodies of both generations of the SDK. */
const CreateBody = z.union([
  z.object({
    name,
    deployment: z.object({ deployment_type: z.string(), cloud: z.string(), region: z.string() }),
    schema: z.object({
      fields: z.object({
        _values: z.object({
          type: z.literal('dense_vector'),
          dimension: z.int().min(1).max(20_000),
          metric,
        }),
      }),
    }),
    deletion_protection: z.string().optional(),
  }),
  z.object({
    name,
    dimension: z.int().min(1).max(20_000),
    metric,
    spec: z.object({ serverless: z.object({ cloud: z.string(), region: z.string() }) }),
    deletion_protection: z.string().optional(),
  }),
]);

const shapeOf = (body: z.infer<typeof CreateBody>): Shape => {
  if ('schema' in body) return body.schema.fields._values;
  return { dimension: body.dimension, metric: body.metric };
};

/** Control plane with all indexes at one host. A new index is ready after `pollsUntilReady` descriptions. */
export const createControlPlane = (host: () => string, pollsUntilReady: number) => {
  const indexes = new Map<string, Shape & { polls: number }>();

  const describe = (index: string) => {
    const stored = indexes.get(index);
    if (!stored) throw controlRefusal(404, 'NOT_FOUND', `Resource ${index} not found`);
    stored.polls += 1;
    const ready = stored.polls > pollsUntilReady;
    return {
      name: index,
      host: host(),
      status: { ready, state: ready ? 'Ready' : 'Initializing' },
      deployment: { deployment_type: 'managed', cloud: 'aws', region: 'us-east-1' },
      schema: {
        fields: {
          _values: { type: 'dense_vector', dimension: stored.dimension, metric: stored.metric },
          _sparse_values: { type: 'sparse_vector', metric: 'dotproduct' },
        },
      },
      deletion_protection: 'disabled',
    };
  };

  const create = (body: unknown): Reply => {
    const parsed = CreateBody.safeParse(body);
    if (!parsed.success)
      throw controlRefusal(400, 'INVALID_ARGUMENT', z.prettifyError(parsed.error));
    const { name: index } = parsed.data;
    if (indexes.has(index)) throw controlRefusal(409, 'ALREADY_EXISTS', 'Resource already exists');
    indexes.set(index, { ...shapeOf(parsed.data), polls: 0 });
    return { body: describe(index) };
  };

  return {
    add(index: string, shape: Shape): void {
      indexes.set(index, { ...shape, polls: pollsUntilReady });
    },
    /** Response to a request; undefined for a path outside the control plane. */
    answer(method: string, path: string, body: unknown): Reply | undefined {
      const [, root, index, ...rest] = path.split('/');
      if (root !== 'indexes' || rest.length > 0) return undefined;
      if (index === undefined)
        return method === 'POST'
          ? create(body)
          : { body: { indexes: [...indexes.keys()].map(describe) } };
      if (method === 'DELETE' && indexes.delete(index)) return { body: {} };
      return { body: describe(index) };
    },
  };
};
