import * as z from 'zod';
import type { AcceptRequest } from '../../../shared/core/accept.ts';
import { waitForEvent } from '../../../shared/core/events.ts';
import { getGroup } from '../../../shared/core/group-events.ts';
import type { Entities } from '../../../shared/domain/memory/entities.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { type AddRequest, type AddRequests, acceptTurns } from '../http/accept-turn.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { createRoutes } from '../http/routes.ts';
import { addHeaders } from '../native/turn.openapi.ts';
import { describe } from '../openapi/describe.ts';
import { success } from './answer.ts';
import { MemosError, StartedTask } from './answers.openapi.ts';
import {
  appField,
  conversationField,
  Flag,
  Info,
  metadataOf,
  otherStores,
  ownersFields,
  ownersOf,
  repeatWindowMs,
  Tags,
} from './fields.ts';
import { dated, MemosMessages } from './messages.ts';
import { taskStatus } from './task.ts';
import { Views } from './views.ts';

/** Longest wait of an add for its task; below the 30 s timeout of gateways and clients. */
const maxWaitMs = 25_000;

const AddMessage = z.object({
  ...ownersFields,
  ...conversationField,
  ...appField,
  messages: MemosMessages,
  tags: Tags.nullish(),
  info: Info.nullish(),
  async_mode: Flag.nullish(),
  asyncMode: Flag.nullish(),
  ...otherStores,
  allow_memory_view: Views.nullish(),
});
type AddMessage = z.output<typeof AddMessage>;

/** Everything of the turns but their owners. */
const turnOf = ({ messages, tags, info }: AddMessage): Omit<AcceptRequest, 'entities'> => ({
  ...dated(messages),
  metadata: metadataOf(info, tags),
  options: { infer: true, described: true },
  repeatWindowMs,
});

/** `add/message`. A turn with files is always refined in the background. */
export const addRoutes = (platform: Platform) => {
  /** Waits until all turns of a request, copies included, have ended, and returns what their task is then. */
  const statusAfter = async (project: string, id: string, signal: AbortSignal) => {
    const until = platform.clock.now() + maxWaitMs;
    const events = await getGroup(platform, project, id);
    for (const event of events)
      await waitForEvent(platform, project, event.id, until - platform.clock.now(), signal);
    return taskStatus(await getGroup(platform, project, id));
  };

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
      const [first, ...others] = ownersOf(body);
      const { project } = c.get('principal');
      c.get('charge')(c.get('units') * others.length);
      const hasFiles = body.messages.some(({ attachments }) => attachments !== undefined);
      // The Python client writes the name in another way.
      const isAsync = body.async_mode ?? body.asyncMode ?? true;
      const waits = !isAsync && !hasFiles;
      const turn = {
        ...turnOf(body),
        entities: { ...first, ...omitNullish({ app: body.app_id, run: body.conversation_id }) },
      };
      const { copiesFor, copiesOf } = await import('./late.ts');
      const copies = copiesFor(platform, project, turn, await copiesOf(platform, c, body));
      const processing = waits ? 'now' : {};
      const requestFor = (owner: Entities): AddRequest => ({
        ...turn,
        entities: { ...turn.entities, ...owner },
        processing,
      });
      const requests: AddRequests = [requestFor(first), ...others.map(requestFor)];
      const { event } = await acceptTurns(platform, c, requests, copies);
      return success(c, {
        success: true,
        task_id: event,
        status: waits ? await statusAfter(project, event, c.req.raw.signal) : 'running',
      });
    },
  });
  return routes.all;
};
