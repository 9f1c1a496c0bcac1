import * as z from 'zod';
import { conversationOf } from '../../../shared/core/retrieval/conversation.ts';
import { messageText } from '../../../shared/domain/memory/turn.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { Count } from '../http/paging.ts';
import { createRoutes } from '../http/routes.ts';
import { describe } from '../openapi/describe.ts';
import { successPaced } from './answer.ts';
import { MemosError, MessagesAnswer } from './answers.openapi.ts';
import { conversationField, memosLimits, ownerFields, ownerOf } from './fields.ts';

const defaultLimit = 6;

const Messages = z.object({
  ...ownerFields,
  ...conversationField,
  message_limit_number: Count.max(
    memosLimits.messages,
    `must be at most ${memosLimits.messages}`,
  ).nullish(),
});

/** `get/message`: the newest messages of a conversation, or of all of the owner, as they were said. */
export const messageRoutes = (platform: Platform) => {
  const routes = createRoutes('MemOS: memories');
  routes.post('/api/openmem/v1/get/message', {
    permission: 'read',
    work: 'list',
    body: Messages,
    openapi: describe(() => ({
      operationId: 'memosGetMessage',
      summary: 'Get the newest messages of a conversation or of a user',
      description:
        'Oldest first, 6 by default. Without a `conversation_id` those of all conversations of the owner.',
      responses: { 200: MessagesAnswer },
      errorBody: MemosError,
      example: { body: { user_id: 'ana', conversation_id: '0610' } },
    })),
    handler: async (c, read) => {
      const body = await read.body();
      const owner = ownerOf(body);
      const said = await conversationOf(
        platform,
        c.get('principal').project,
        { ...owner, ...omitNullish({ run: body.conversation_id }) },
        body.message_limit_number ?? defaultLimit,
      );
      return successPaced(c, platform, {
        message_detail_list: said.map(({ message, observedAt, createdAt }) => ({
          role: message.role,
          content: messageText(message),
          create_time: observedAt,
          update_time: createdAt,
        })),
      });
    },
  });
  return routes.all;
};
