import * as z from 'zod';
import type { ModelRequests } from '../../../shared/core/model-requests.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import { dot } from '../../../shared/domain/memory/vector.ts';
import type { Decision, ProposedChange } from '../../../shared/ports/language-model.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { HttpError } from '../http/http-error.ts';
import { listOf, nonEmptyListOf } from '../http/list-of.ts';
import { Count } from '../http/paging.ts';
import { createRoutes } from '../http/routes.ts';
import { Text } from '../http/text.ts';
import { describe } from '../openapi/describe.ts';
import { success } from './answer.ts';
import { Extracted, MemosError, Reranked } from './answers.openapi.ts';
import { dated, MemosMessages } from './messages.ts';

/** Characters that a request may ask a model about, about 8,000 tokens. */
export const maxCharacters = 32_000;
const maxDocuments = 100;
const extractionTypes = ['memory', 'preference'] as const;

const Extract = z.object({
  messages: MemosMessages,
  extraction_types: listOf(z.enum(extractionTypes), extractionTypes.length).nullish(),
});

const Document = z.union([Text, z.object({ text: Text }).transform(({ text }) => text)], {
  error: 'must be a text, or an object with a text',
});

const Rerank = z.object({
  query: Text,
  documents: nonEmptyListOf(Document, maxDocuments),
  top_n: Count.nullish(),
});

/** Charges one unit for so many characters that a model reads. */
export const charactersPerUnit = 4_000;

const lengthOf = (texts: readonly string[]): number =>
  texts.reduce((sum, text) => sum + text.length, 0);

const changesOf = (decision: Decision): ProposedChange[] => {
  if (decision.ok) return decision.changes;
  const { code, message, about, retryAfterMs } = decision;
  if (about === 'service') throw new RetryableError(code, message, retryAfterMs);
  throw new HttpError(422, 'not_extracted', message);
};

const memoryOf = ({ text = '', title = '', tags = [] }: ProposedChange) => ({
  memory_key: title,
  memory_value: text,
  memory_type: 'UserMemory',
  tags,
});

const preferenceOf = ({ text = '', reasoning = '', preferenceType }: ProposedChange) => ({
  preference: text,
  reasoning,
  preference_type: `${preferenceType ?? 'explicit'}_preference`,
});

/** `extract/memory` and `rerank`, which ask a model within the request and keep nothing. */
export const modelRoutes = (platform: Platform, { askModel, askEmbedder }: ModelRequests) => {
  const routes = createRoutes('MemOS: models');

  routes.post('/api/openmem/v1/extract/memory', {
    permission: 'write',
    work: 'outbound',
    body: Extract,
    openapi: describe(() => ({
      operationId: 'memosExtractMemory',
      summary: 'Draw memories from messages and keep nothing',
      responses: { 200: Extracted },
      errors: { 400: ['sensitive_value'], 413: ['input_too_long'], 422: ['not_extracted'] },
      errorBody: MemosError,
      example: { body: { messages: [{ role: 'user', content: 'I am vegetarian.' }] } },
    })),
    handler: async (c, read) => {
      const { messages: sent, extraction_types } = await read.body();
      const said = dated(sent);
      const given = said.messages.map(({ attachments: _, skipped: __, ...message }) => message);
      const length = lengthOf(given.map(({ content }) => content));
      if (length > maxCharacters)
        throw new HttpError(
          413,
          'input_too_long',
          `messages must have at most ${maxCharacters.toLocaleString('en')} characters together.`,
          { field: 'messages' },
        );
      c.get('charge')(Math.floor(length / charactersPerUnit));
      const { project } = c.get('principal');
      const options = { infer: true, described: true as const };
      const { safeMessages } = await import('./late.ts');
      const messages = await safeMessages(platform, project, given);
      const { observedAt = platform.clock.now() } = said;
      const turn = { messages, observedAt, options };
      const decision = await askModel(project, c.req.raw.signal, (signal) =>
        platform.languageModel.decide({ turns: [turn], memories: [] }, signal),
      );
      const added = changesOf(decision).filter(({ type }) => type === 'ADD');
      const types = new Set<string>(extraction_types ?? extractionTypes);
      const isPreference = ({ kind }: ProposedChange): boolean => kind === 'preference';
      return success(c, {
        memory_detail_list: types.has('memory')
          ? added.filter((change) => !isPreference(change)).map(memoryOf)
          : [],
        preference_detail_list: types.has('preference')
          ? added.filter(isPreference).map(preferenceOf)
          : [],
      });
    },
  });

  routes.post('/api/openmem/v1/rerank', {
    permission: 'read',
    work: 'outbound',
    body: Rerank,
    openapi: describe(() => ({
      operationId: 'memosRerank',
      summary: 'Order texts by their likeness to a query',
      description: 'Scores by the embedding model of the service, which `model` names.',
      responses: { 200: Reranked },
      errorBody: MemosError,
      example: { body: { query: 'food', documents: ['She eats rice.', 'It rains.'], top_n: 1 } },
    })),
    handler: async (c, read) => {
      const { query, documents, top_n } = await read.body();
      c.get('charge')(Math.floor(lengthOf(documents) / charactersPerUnit));
      const { project } = c.get('principal');
      const [asked = new Float32Array(), ...vectors] = await askEmbedder(
        project,
        c.req.raw.signal,
        (signal) => platform.embedder.embed([query, ...documents], { project, signal }),
      );
      const results = vectors
        .map((vector, index) => ({
          index,
          document: { text: documents[index] ?? '' },
          relevance_score: Math.max(0, Math.min(1, dot(asked, vector))),
        }))
        .toSorted((a, b) => b.relevance_score - a.relevance_score)
        .slice(0, top_n ?? documents.length);
      return c.json({
        id: platform.ids.next(),
        model: platform.embedder.model,
        usage: { total_tokens: Math.ceil((query.length + lengthOf(documents)) / 4) },
        results,
      });
    },
  });

  return routes.all;
};
