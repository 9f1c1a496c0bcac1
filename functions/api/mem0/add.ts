import { type Context, Hono } from 'hono';
import { type EventView, readableEvents, waitForEvent } from '../../../shared/core/events.ts';
import { getMemory } from '../../../shared/core/memories/read-memories.ts';
import type { Change } from '../../../shared/domain/memory/change.ts';
import { isFinal } from '../../../shared/domain/memory/event.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import type { Guard } from '../auth.ts';
import { acceptTurn } from '../http/accept-turn.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { readBodyWithAttachments } from '../http/json-body.ts';
import { mayRead } from '../http/may-read.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { AddBody } from './schema.ts';
import { structuredAttributes } from './structured-attributes.ts';
import { turnOf } from './translate.ts';

/** Longest wait of an add for its event; below the 30 s timeout of gateways and clients. */
const maxWaitMs = 25_000;

const queued = 'Memory processing has been queued for background execution';
const stored = 'Memories stored successfully';

type Item = { [key: string]: unknown };

/** Outcome of an add. `results` is present once the event is final. */
interface Outcome {
  event: string;
  status: string;
  message: string;
  replayed: boolean;
  results?: Item[];
}

/** Body of the current route: one object. */
const v3Body = ({ event, status, message, replayed, results }: Outcome) => ({
  event_id: event,
  status,
  message,
  ...omitNullish({ results, replayed: replayed || null }),
});

/** Results of the older route: a list. An add that is pending or has failed is the only entry of its list. */
const legacyResults = ({ event, status, message, replayed, results }: Outcome): Item[] =>
  status === 'SUCCEEDED' && results
    ? results
    : [{ message, status, event_id: event, ...omitNullish({ replayed: replayed || null }) }];

const legacyBody = (body: AddBody, outcome: Outcome) => {
  const results = legacyResults(outcome);
  if (body.output_format !== 'v1.1') return results;
  return body.version === 'v2' ? { results, relations: [] } : { results };
};

/** Routes that add to memory, the current and the older one. */
export const addRoutes = (platform: Platform, guard: Guard) => {
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
      results: await Promise.all(event.changes.map((change) => itemOf(project, event, change))),
    };
  };

  /** Outcome for a key without the read permission: ids only. */
  const receipt = ({ id, status, error, changes }: EventView) => ({
    status,
    message: status === 'SUCCEEDED' ? stored : `The event ended as ${error?.code ?? 'cancelled'}.`,
    results: changes.map(({ memory, type }) => ({
      id: memory ?? null,
      event: type,
      event_id: id,
    })),
  });

  /** Waits for the event if the caller asked for it. Verbatim adds always wait, since an add without a model call finishes quickly. */
  const add = async (c: Context<ApiEnv>, body: AddBody): Promise<Outcome> => {
    const { project } = c.get('principal');
    const { event: id, replayed } = await acceptTurn(platform, c, turnOf(body));
    const pending = { event: id, status: 'PENDING', message: queued, replayed };
    if ((body.async_mode ?? true) && (body.infer ?? true)) return pending;
    const event = await waitForEvent(platform, project, id, maxWaitMs, c.req.raw.signal);
    if (!event || !isFinal(event.status)) return pending;
    return { ...pending, ...(mayRead(c) ? await finished(project, event) : receipt(event)) };
  };

  const routes = new Hono<ApiEnv>();
  routes.post('/v3/memories/add', guard('write', 'add'), async (c) =>
    c.json(v3Body(await add(c, await readBodyWithAttachments(c, AddBody)))),
  );
  routes.post('/v1/memories', guard('write', 'add'), async (c) => {
    const body = await readBodyWithAttachments(c, AddBody);
    return c.json(legacyBody(body, await add(c, body)));
  });
  return routes;
};
