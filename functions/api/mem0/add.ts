import type { Context } from 'hono';
import { type EventView, readableEvents, waitForEvent } from '../../../shared/core/events.ts';
import { getMemory } from '../../../shared/core/memories/read-memories.ts';
import type { Change } from '../../../shared/domain/memory/change.ts';
import { isFinal } from '../../../shared/domain/memory/event.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { acceptTurn } from '../http/accept-turn.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { mayRead } from '../http/may-read.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { processingFrom } from '../http/processing-fields.ts';
import { createRoutes } from '../http/routes.ts';
import { addHeaders } from '../native/turn.openapi.ts';
import { describe } from '../openapi/describe.ts';
import { effectsOf, reasonOf } from './effects.ts';
import { AddAnswer, LegacyAddAnswer } from './memory.openapi.ts';
import { AddBody } from './schema.ts';
import { structuredAttributes } from './structured-attributes.ts';
import { turnOf } from './translate.ts';

/** Longest wait of an add for its event; below the 30 s timeout of gateways and clients. */
const maxWaitMs = 25_000;

const queued = 'Memory processing has been queued for background execution';
const stored = 'Memories stored successfully';

type Item = { [key: string]: unknown };

/** Outcome of an add. `results` is present once the event is final, `reason` if nothing was learnt or an attachment was not read. */
interface Outcome {
  event: string;
  status: string;
  message: string;
  replayed: boolean;
  results?: Item[];
  reason?: string | undefined;
}

/** Body of the current route: one object. */
const v3Body = ({ event, status, message, replayed, results, reason }: Outcome) => ({
  event_id: event,
  status,
  message,
  ...omitNullish({ results, reason, replayed: replayed || null }),
});

/** Results of the older route: a list. An add that is pending or has failed is the only entry of its list. */
const legacyResults = ({ event, status, message, replayed, results }: Outcome): Item[] =>
  status === 'SUCCEEDED' && results
    ? results
    : [{ message, status, event_id: event, ...omitNullish({ replayed: replayed || null }) }];

const legacyBody = (body: AddBody, outcome: Outcome) => {
  const results = legacyResults(outcome);
  if (body.output_format !== 'v1.1') return results;
  const rest = omitNullish({ reason: outcome.reason });
  return body.version === 'v2' ? { results, relations: [], ...rest } : { results, ...rest };
};

/** Routes that add to memory, the current and the older one. */
export const addRoutes = (platform: Platform) => {
  const itemOf = async (project: string, event: EventView, change: Change): Promise<Item> => {
    const found = change.memory ? await getMemory(platform, project, change.memory) : undefined;
    const at = found?.createdAt ?? event.createdAt;
    return {
      id: change.memory ?? null,
      event: change.type,
      memory: change.text ?? null,
      data: { memory: change.text ?? null },
      structured_attributes: structuredAttributes(at),
      event_id: event.id,
      ...omitNullish({ previous_memory: change.previousText, reason: change.reason }),
    };
  };

  const finished = async (project: string, final: EventView) => {
    const { status, error } = final;
    // A repeated request may come long after the event, when some of its memories are deleted.
    const [{ event } = { event: final }] = await readableEvents(platform, project, [final]);
    return {
      status,
      message: status === 'SUCCEEDED' ? stored : (error?.message ?? 'The event was cancelled.'),
      results: await Promise.all(
        effectsOf(event.changes).map((change) => itemOf(project, event, change)),
      ),
      reason: reasonOf(event),
    };
  };

  /** Outcome for a key without the read permission: ids only. */
  const receipt = ({ id, status, error, changes }: EventView) => ({
    status,
    message: status === 'SUCCEEDED' ? stored : `The event ended as ${error?.code ?? 'cancelled'}.`,
    results: effectsOf(changes).map(({ memory, type }) => ({
      id: memory ?? null,
      event: type,
      event_id: id,
    })),
  });

  /** Waits for the event if the caller asked for it. Verbatim adds always wait, since an add without a model call finishes quickly. */
  const add = async (c: Context<ApiEnv>, body: AddBody): Promise<Outcome> => {
    const { project } = c.get('principal');
    const waits = !((body.async_mode ?? true) && (body.infer ?? true));
    const processing = waits ? 'now' : processingFrom(body);
    const accepted = await acceptTurn(platform, c, {
      ...turnOf(body, platform.clock.now()),
      processing,
    });
    const { event: id, replayed } = accepted;
    const pending = { event: id, status: 'PENDING', message: queued, replayed };
    if (!waits) return pending;
    const event = await waitForEvent(platform, project, id, maxWaitMs, c.req.raw.signal);
    if (!event || !isFinal(event.status)) return pending;
    return { ...pending, ...(mayRead(c) ? await finished(project, event) : receipt(event)) };
  };

  const routes = createRoutes('mem0: memories');
  routes.post('/v3/memories/add', {
    permission: 'write',
    work: 'add',
    body: AddBody,
    bodyKind: 'attachments',
    openapi: describe(() => ({
      operationId: 'addMemories',
      summary: 'Add to memory',
      description:
        'With `async_mode: false` or `infer: false` answers with the processed memories, or as `PENDING` after 25 seconds.',
      headers: addHeaders,
      responses: { 200: AddAnswer },
      errors: { 409: ['idempotency_key_reused'], 413: ['turn_too_large'] },
      example: {
        body: {
          user_id: 'ana',
          messages: [{ role: 'user', content: 'I am vegetarian.' }],
          async_mode: false,
        },
      },
    })),
    handler: async (c, read) => c.json(v3Body(await add(c, await read.body()))),
  });
  routes.post('/v1/memories', {
    permission: 'write',
    work: 'add',
    body: AddBody,
    bodyKind: 'attachments',
    openapi: describe(() => ({
      operationId: 'addMemoriesV1',
      summary: 'Add to memory, older form',
      description: 'Answers with a list, or with an object for `output_format: "v1.1"`.',
      headers: addHeaders,
      responses: { 200: LegacyAddAnswer },
      errors: { 409: ['idempotency_key_reused'], 413: ['turn_too_large'] },
      example: {
        body: {
          user_id: 'ana',
          messages: [{ role: 'user', content: 'I play the cello.' }],
          infer: false,
          output_format: 'v1.1',
        },
      },
    })),
    handler: async (c, read) => {
      const body = await read.body();
      return c.json(legacyBody(body, await add(c, body)));
    },
  });
  return routes.all;
};
