import type { Change } from '../domain/memory/change.ts';
import { type Event, isFinal } from '../domain/memory/event.ts';
import type { Turn } from '../domain/memory/turn.ts';
import { changesKey, eventKey, pendingKey, turnKey } from '../domain/table/keys.ts';
import type { Platform } from '../ports/platform.ts';
import { commit } from './commit.ts';
import { eventIsFailed, turnIsFailed } from './conditions.ts';
import { cancelTurn } from './erasure/cancel-turn.ts';
import { enqueueHints, hints } from './hints.ts';
import { currentOutage } from './refine/breaker.ts';
import { put, update } from './steps.ts';

/** An event with what it changed, and what it waits for besides its turn. */
export type EventView = Event & { changes: Change[]; waitingFor?: 'model' };

/** Pauses between looks at an event that is waited for. */
const firstPauseMs = 10;
const lastPauseMs = 250;

/** An event that is open shows the outage that keeps it waiting: seen from here no write is needed when one begins or ends. */
const openView = async (platform: Platform, event: Event): Promise<EventView> => {
  const waits = event.kind === 'ADD' && event.stage === 'queued' && !event.verbatim;
  const outage = waits ? await currentOutage(platform) : undefined;
  return outage
    ? { ...event, changes: [], error: outage.error, waitingFor: 'model' }
    : { ...event, changes: [] };
};

export const getEvent = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<EventView | undefined> => {
  const { store } = platform;
  // Changes are written with the end of the event: read after it, they are never missing.
  const event = await store.get(eventKey(project, id));
  if (!event) return undefined;
  if (!isFinal(event.status)) return openView(platform, event);
  const changes = await store.get(changesKey(project, id));
  return { ...event, changes: changes?.changes ?? [] };
};

/** The event once it is final, or as it stands after `ms` or when `signal` aborts. Never cancels anything. */
export const waitForEvent = async (
  platform: Platform,
  project: string,
  id: string,
  ms: number,
  signal?: AbortSignal,
): Promise<EventView | undefined> => {
  const { store, clock } = platform;
  const until = clock.now() + ms;
  for (let pause = firstPauseMs; ; pause = Math.min(lastPauseMs, pause * 1.5)) {
    const event = await store.get(eventKey(project, id));
    const left = until - clock.now();
    if (!event || isFinal(event.status) || left <= 0 || signal?.aborted)
      return event && getEvent(platform, project, id);
    await clock.sleep(Math.min(pause, left), signal);
  }
};

export const turnOfEvent = async (
  { store }: Pick<Platform, 'store'>,
  project: string,
  event: Event,
): Promise<Turn | undefined> =>
  event.turn === undefined ? undefined : store.get(turnKey(project, event.turn));

/** Gives a failed event a fresh budget. What newer turns wrote since stays: an older turn never undoes it. */
export const retryEvent = async (
  platform: Pick<Platform, 'store' | 'clock' | 'ids' | 'turns' | 'notifications' | 'telemetry'>,
  project: string,
  id: string,
): Promise<'retried' | 'not_found' | 'not_failed'> => {
  const event = await platform.store.get(eventKey(project, id));
  if (!event) return 'not_found';
  const turn = await turnOfEvent(platform, project, event);
  if (event.status !== 'FAILED' || !turn || turn.state !== 'failed') return 'not_failed';
  const now = platform.clock.now();
  const { committed } = await commit(platform, [
    update(
      eventKey(project, id),
      { status: 'PENDING', stage: 'queued', attempts: 0, updatedAt: now },
      eventIsFailed,
      ['error', 'completedAt', 'expiresAt'],
    ),
    update(turnKey(project, turn.id), { state: 'pending' }, turnIsFailed),
    put(pendingKey(project, turn.scope, turn.id), {
      turn: turn.id,
      event: id,
      project,
      scope: turn.scope,
      failures: 0,
      since: now,
      dueAt: now,
    }),
  ]);
  if (!committed) return 'not_failed';
  await enqueueHints(platform, [hints.refine(project, turn.scope)]);
  return 'retried';
};

/** Ends an event before it is applied: its rough memory goes out of sight, nothing is learnt from it. */
export const cancelEvent = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<'cancelled' | 'not_found' | 'final'> => {
  const event = await platform.store.get(eventKey(project, id));
  if (!event) return 'not_found';
  const turn = await turnOfEvent(platform, project, event);
  if (isFinal(event.status) || turn?.state !== 'pending') return 'final';
  return (await cancelTurn(platform, turn)) ? 'cancelled' : 'final';
};
