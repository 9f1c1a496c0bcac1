import * as z from 'zod';
import type { AcceptRequest } from '../../../shared/core/accept.ts';
import { waitForEvent } from '../../../shared/core/events.ts';
import type { Message } from '../../../shared/domain/memory/turn.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { acceptTurn } from '../http/accept-turn.ts';
import { entitiesFrom } from '../http/entity-ids.ts';
import { invalid } from '../http/http-error.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { createRoutes } from '../http/routes.ts';
import { addHeaders } from '../native/turn.openapi.ts';
import { describe } from '../openapi/describe.ts';
import { success } from './answer.ts';
import { MemosError, StartedTask } from './answers.openapi.ts';
import { parseChatTime } from './chat-time.ts';
import {
  appField,
  conversationField,
  Flag,
  Info,
  metadataOf,
  otherStores,
  ownerFields,
  Tags,
} from './fields.ts';
import { MemosMessages } from './messages.ts';
import { statusOf } from './task.ts';

/** Longest wait of an add for its task; below the 30 s timeout of gateways and clients. */
const maxWaitMs = 25_000;

const AddMessage = z.object({
  ...ownerFields,
  ...conversationField,
  ...appField,
  messages: MemosMessages,
  tags: Tags.nullish(),
  info: Info.nullish(),
  async_mode: Flag.nullish(),
  ...otherStores,
});
type AddMessage = z.output<typeof AddMessage>;

/** The newest time of a message that can be read as one. */
const saidAt = (messages: readonly Message[]): number | undefined =>
  messages.map((message) => parseChatTime(message.time ?? '')).findLast((at) => at !== undefined);

const turnOf = (body: AddMessage): AcceptRequest => {
  const { conversation_id: run_id, messages, tags, info } = body;
  if (body.user_id == null && body.agent_id == null)
    throw invalid('user_id', 'user_id is required, unless agent_id is given.');
  return {
    entities: entitiesFrom({ ...body, run_id }),
    messages,
    metadata: metadataOf(info, tags),
    options: { infer: true, described: true },
    ...omitNullish({ observedAt: saidAt(messages) }),
  };
};

/** `add/message`. A turn with files is always refined in the background. */
export const addRoutes = (platform: Platform) => {
  const routes = createRoutes('MemOS: memories');
  routes.post('/api/openmem/v1/add/message', {
    permission: 'write',
    work: 'add',
    body: AddMessage,
    bodyKind: 'attachments',
    openapi: describe(() => ({
      operationId: 'memosAddMessage',
      summary: 'Add messages',
      description:
        'With `async_mode: false` answers once the messages are refined, or as `running` after 25 seconds.',
      headers: addHeaders,
      responses: { 200: StartedTask },
      errors: { 409: ['idempotency_key_reused'], 413: ['turn_too_large'] },
      errorBody: MemosError,
      example: {
        body: {
          user_id: 'ana',
          conversation_id: '0610',
          messages: [
            {
              role: 'user',
              content: 'I am vegetarian.',
              chat_time: '09:44 AM on 10 December, 2025 UTC',
            },
          ],
        },
      },
    })),
    handler: async (c, read) => {
      const body = await read.body();
      const turn = turnOf(body);
      const { project } = c.get('principal');
      const hasFiles = turn.messages.some(({ attachments }) => attachments !== undefined);
      const waits = body.async_mode === false && !hasFiles;
      const processing = waits ? 'now' : {};
      const { addCopies, copiesOf } = await import('./other-stores.ts');
      const copies = await copiesOf(platform, project, body);
      const { event, turn: accepted } = await acceptTurn(platform, c, { ...turn, processing });
      await addCopies(platform, c, turn, accepted, copies);
      const ended = waits
        ? await waitForEvent(platform, project, event, maxWaitMs, c.req.raw.signal)
        : undefined;
      return success(c, {
        success: true,
        task_id: event,
        status: ended ? statusOf(ended.status) : 'running',
      });
    },
  });
  return routes.all;
};
