import type { ModelRequests } from '../../../shared/core/model-requests.ts';
import { redactEdit } from '../../../shared/core/projects/redaction.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { unitsByWork } from '../access/cost-units.ts';
import { HttpError, invalid } from '../http/http-error.ts';
import { createRoutes } from '../http/routes.ts';
import { describe } from '../openapi/describe.ts';
import { ChatAnswered, MemosError } from './answers.openapi.ts';
import { Chat, inputOf } from './chat-request.ts';
import { charactersPerUnit, maxCharacters } from './model-routes.ts';
import { findMemories } from './search.ts';

/** `chat`: the model answers with what is remembered, and the exchange is remembered. */
export const chatRoutes = (platform: Platform, models: () => Promise<ModelRequests>) => {
  const routes = createRoutes('MemOS: models');
  routes.post('/api/openmem/v1/chat', {
    permission: ['read', 'write'],
    work: 'outbound',
    body: Chat,
    openapi: describe(() => ({
      operationId: 'memosChat',
      summary: 'Answer with what is remembered',
      description:
        'With `stream: true` answers by server-sent events, whose data are objects with a `type`: `text` with a part of the answer, `end`, or `error`. `add_message_on_answer` (default true) adds query and answer, and the query alone if the model gives none.',
      responses: { 200: ChatAnswered },
      errors: {
        400: ['sensitive_value'],
        413: ['input_too_long'],
        422: ['not_answered'],
        409: ['model_required'],
      },
      errorBody: MemosError,
      example: {
        body: {
          user_id: 'ana',
          conversation_id: '0610',
          query: 'What may I eat?',
          max_tokens: 500,
        },
      },
    })),
    handler: async (c, read) => {
      const body = await read.body();
      if (body.user_id == null && body.agent_id == null)
        throw invalid('user_id', 'user_id is required, unless agent_id is given.');
      if (inputOf(body) > maxCharacters)
        throw new HttpError(
          413,
          'input_too_long',
          `query and system_prompt must have at most ${maxCharacters.toLocaleString('en')} characters together.`,
          { field: 'query' },
        );
      const { chat } = platform.languageModel;
      if (!chat)
        throw new HttpError(
          409,
          'model_required',
          'chat needs a language model: set OPENAI_API_KEY or OPENAI_BASE_URL.',
        );
      c.get('charge')(unitsByWork.search + Math.floor(inputOf(body) / charactersPerUnit));
      await redactEdit(
        platform,
        c.get('principal').project,
        { text: body.query },
        { text: 'query' },
      );
      const { answerChat } = await import('./late.ts');
      const { askModel: ask } = await models();
      const agent_id = body.user_id == null ? body.agent_id : null;
      const find = () => findMemories(platform, c, { ...body, agent_id });
      return answerChat({ platform, ask, chat, find }, c, body);
    },
  });
  return routes.all;
};
