import * as z from 'zod';

/** A memory as the tools return it. `type` says how far it is processed; a message is what was said, word for word. */
const Memory = z.object({
  id: z.string(),
  memory: z.string(),
  type: z.enum(['rough', 'refined', 'message']),
  score: z.number().optional(),
  user_id: z.string().optional(),
  agent_id: z.string().optional(),
  app_id: z.string().optional(),
  run_id: z.string().optional(),
  created_at: z.string().optional(),
  updated_at: z.string().optional(),
});

export const Memories = z.object({ results: z.array(Memory) });
export const Page = z.object({
  results: z.array(Memory),
  count: z.number(),
  has_more: z.boolean(),
});
export const ChangedMemory = z.object({ id: z.string(), changed: z.enum(['updated', 'deleted']) });

/** An event, with what its turn changed. */
export const Event = z.object({
  event_id: z.string(),
  status: z.enum(['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED']),
  results: z.array(z.object({ id: z.string().optional(), event: z.string(), memory: z.string() })),
  error: z.string().optional(),
});

type Body = { [field: string]: unknown };

/** Returns the fields of an object that the schema has; null counts as absent. */
const fieldsOf = (value: unknown): Body =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null))
    : {};

const listOf = (value: unknown): Body[] => (Array.isArray(value) ? value.map(fieldsOf) : []);

export const memoriesFrom = (body: Body) => Memories.parse({ results: listOf(body['results']) });

export const pageFrom = (body: Body) =>
  Page.parse({
    results: listOf(body['results']),
    count: body['count'],
    has_more: typeof body['next'] === 'string',
  });

const changeFrom = (result: Body): Body => {
  const data = fieldsOf(result['data']);
  return {
    ...result,
    memory: result['memory'] ?? data['memory'] ?? result['previous_memory'] ?? '',
  };
};

export const eventFrom = (body: Body) => {
  const { message } = fieldsOf(body['error']);
  return Event.parse({
    event_id: body['event_id'],
    status: body['status'],
    results: listOf(body['results']).map(changeFrom),
    ...(typeof message === 'string' && { error: message }),
  });
};

type MemoryOutput = z.output<typeof Memory>;

/** Writes a memory as a line for a model to read. */
const lineOf = ({ id, memory, type, score, created_at: createdAt = '' }: MemoryOutput): string => {
  const facts = [type, createdAt.slice(0, 10), score === undefined ? '' : score.toFixed(2)];
  return `- ${memory} (${facts.filter(Boolean).join(', ')}; id ${id})`;
};

export const linesOf = (memories: readonly MemoryOutput[]): string =>
  memories.length === 0 ? 'No memories.' : memories.map(lineOf).join('\n');
