import * as z from 'zod';
import type { ModelRequests } from '../../../shared/core/model-requests.ts';
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

/** `extract/memory` and `rerank`, which ask a model within the request and keep nothing. */
export const modelRoutes = (platform: Platform, models: () => Promise<ModelRequests>) => {
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
      const { extractMemories } = await import('./late.ts');
      const types = new Set<string>(extraction_types ?? extractionTypes);
      return success(
        c,
        await extractMemories({ platform, models: await models() }, project, c.req.raw.signal, {
          messages: given,
          observedAt: said.observedAt ?? platform.clock.now(),
          types,
        }),
      );
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
      const { rerank } = await import('./late.ts');
      const results = await rerank(
        { platform, models: await models() },
        project,
        c.req.raw.signal,
        { query, documents, limit: top_n ?? documents.length },
      );
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
