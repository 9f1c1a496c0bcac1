import * as z from 'zod';
import type { AcceptRequest } from '../../../shared/core/accept.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { acceptTurn } from '../http/accept-turn.ts';
import { entitiesFrom } from '../http/entity-ids.ts';
import { invalid } from '../http/http-error.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { createRoutes } from '../http/routes.ts';
import { Text } from '../http/text.ts';
import { addHeaders } from '../native/turn.openapi.ts';
import { describe } from '../openapi/describe.ts';
import { success } from './answer.ts';
import { MemosError, StartedTask } from './answers.openapi.ts';
import { parseChatTime } from './chat-time.ts';
import { appField, conversationField, otherStores, ownerFields, repeatWindowMs } from './fields.ts';
import { ChatTime } from './messages.ts';

const instructions =
  'The turn is feedback on what is remembered. Correct, complete or delete the listed memories that it is about; add what it says anew.';

const Feedback = z.object({
  ...ownerFields,
  ...conversationField,
  ...appField,
  feedback_content: Text,
  feedback_time: ChatTime.nullish(),
  ...otherStores,
});

/** `add/feedback`: a replacement of a text in all memories of the user, or a turn of its own, which the model compares with the memories that it is about. */
export const feedbackRoutes = (platform: Platform) => {
  const routes = createRoutes('MemOS: memories');
  routes.post('/api/openmem/v1/add/feedback', {
    permission: 'write',
    work: 'add',
    body: Feedback,
    openapi: describe(() => ({
      operationId: 'memosAddFeedback',
      summary: 'Correct what is remembered, in words',
      description:
        'Feedback that asks to replace a text everywhere, such as `Change Ana to Anna everywhere`, is done when it is answered, in up to 1,000 memories; `remaining` counts the others. Any other feedback is a turn, which the model compares with the memories that it is about.',
      headers: addHeaders,
      responses: { 200: StartedTask },
      errors: { 409: ['idempotency_key_reused'], 413: ['turn_too_large'] },
      errorBody: MemosError,
      example: { body: { user_id: 'ana', feedback_content: 'I am vegan now, not vegetarian.' } },
    })),
    handler: async (c, read) => {
      const body = await read.body();
      const { feedback_content: content, feedback_time: time } = body;
      const { user_id: user } = body;
      if (user == null) throw invalid('user_id', 'user_id is required.');
      const { copiesFor, copiesOf, replaceIfAsked } = await import('./late.ts');
      const replaced = await replaceIfAsked(platform, c, user, content);
      if (replaced) return success(c, replaced);
      const turn: AcceptRequest = {
        entities: entitiesFrom({ ...body, run_id: body.conversation_id }),
        messages: [{ role: 'user', content, ...omitNullish({ time }) }],
        metadata: {},
        options: { infer: true, described: true, instructions },
        repeatWindowMs,
        textField: 'feedback_content',
        ...omitNullish({ observedAt: parseChatTime(time ?? '') }),
      };
      const owners = await copiesOf(platform, c, body);
      const copies = copiesFor(platform, c.get('principal').project, turn, owners);
      const { event } = await acceptTurn(platform, c, { ...turn, processing: 'now' }, copies);
      return success(c, { success: true, task_id: event, status: 'running' });
    },
  });
  return routes.all;
};
