import * as z from 'zod';

/** Tolerant where servers without schemas are sloppy: missing keys, letter case, a bare number for a memory. */
const Proposal = z.object({
  turn: z.coerce.number().int(),
  op: z
    .string()
    .toUpperCase()
    .pipe(z.enum(['ADD', 'UPDATE', 'DELETE', 'NONE'])),
  target: z.union([z.string(), z.int().transform((memory) => `M${memory}`)]).nullish(),
  text: z.string().nullish(),
  message: z.coerce.number().int().nullish(),
  categories: z.array(z.string()).nullish(),
  reason: z.string().nullish(),
});
export type Proposal = z.infer<typeof Proposal>;

const Answer = z.object({ changes: z.array(Proposal) });

const orNull = (type: string) => ({ type: [type, 'null'] });

const fields = {
  turn: { type: 'integer' },
  op: { type: 'string', enum: ['ADD', 'UPDATE', 'DELETE', 'NONE'] },
  target: orNull('string'),
  text: orNull('string'),
  message: orNull('integer'),
  reason: orNull('string'),
};

const categories = { type: 'array', items: { type: 'string' } };

/** The strict JSON schema of an answer, written by hand: each word of it is paid for with every request. */
export const answerSchema = (withCategories: boolean): { [key: string]: unknown } => {
  const properties = withCategories ? { ...fields, categories } : fields;
  const change = {
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  };
  return {
    type: 'object',
    properties: { changes: { type: 'array', items: change } },
    required: ['changes'],
    additionalProperties: false,
  };
};

export type Read<T> = { ok: true; value: T } | { ok: false; problem: string };

/** The JSON object in an answer, which may have thoughts before it and a code fence around it. */
const parse = (content: string): unknown => {
  const answer = content.replace(/^\s*<think>[\s\S]*?<\/think>/, '');
  try {
    return JSON.parse(answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1));
  } catch {
    return undefined;
  }
};

/** Reads an answer. The problem, if there is one, quotes nothing of it. */
export const readAnswer = (content: string): Read<Proposal[]> => {
  const json = parse(content);
  if (json === undefined) return { ok: false, problem: 'It is not one whole JSON object.' };
  const answer = Answer.safeParse(json);
  if (answer.success) return { ok: true, value: answer.data.changes };
  const [issue] = answer.error.issues;
  return { ok: false, problem: `${issue?.path.join('.')}: ${issue?.message}.` };
};
