import * as z from 'zod';
import { type Scope, scopeFields } from './call-api.ts';

const maxTextLength = 100_000;
const maxPage = 100;

const Id = z.string().min(1).max(256);
/** An id that is part of a path, where points alone would lead to another route. */
const PathId = Id.regex(/[^.]/);
const Text = z.string().min(1).max(maxTextLength);

const meanings = {
  user_id: 'Whose memory. Use the same id for the same person.',
  agent_id: 'The agent that the memory is about or belongs to.',
  app_id: 'The application.',
  run_id: 'The conversation.',
} as const;

/** Arguments for the ids that the scope leaves open. */
const ids = (scope: Scope) =>
  Object.fromEntries(
    scopeFields
      .filter((field) => scope[field] === undefined)
      .map((field) => [field, Id.optional().describe(meanings[field])]),
  );

/** Arguments of the tools. An unknown argument is an error, so that an id outside the scope cannot go unnoticed. */
export const inputsFor = (scope: Scope) => ({
  add: z.strictObject({
    text: Text.describe('What was said, in the words of the speaker.'),
    role: z.enum(['user', 'assistant']).optional().describe('Who said it; the user by default.'),
    wait: z.boolean().optional().describe('Wait up to 25 s for the refined memories.'),
    ...ids(scope),
  }),
  search: z.strictObject({
    query: Text.describe('A question or words.'),
    top_k: z
      .int()
      .min(1)
      .max(maxPage)
      .optional()
      .describe('At most so many results; 10 by default.'),
    threshold: z.number().min(0).max(1).optional().describe('Smallest relevance, 0 to 1.'),
    ...ids(scope),
  }),
  list: z.strictObject({
    page: z.int().min(1).optional(),
    page_size: z.int().min(1).max(maxPage).optional().describe('20 by default.'),
    ...ids(scope),
  }),
  update: z.strictObject({
    memory_id: PathId,
    text: Text.describe('The new text; it replaces the old one.'),
  }),
  remove: z.strictObject({ memory_id: PathId }),
  event: z.strictObject({
    event_id: PathId,
    wait: z.number().min(0).max(25).optional().describe('Seconds to wait until it is final.'),
  }),
});

export type Inputs = ReturnType<typeof inputsFor>;
