import { mapConcurrent } from '../domain/map-concurrent.ts';
import { outcomesOf, withRetriedAttachments } from '../domain/memory/attachment.ts';
import { type Change, withoutTexts } from '../domain/memory/change.ts';
import { type Event, isFinal } from '../domain/memory/event.ts';
import type { Turn } from '../domain/memory/turn.ts';
import { changesKey, eventKey, pendingKey, revisionKey, turnKey } from '../domain/table/keys.ts';
import type { Platform } from '../ports/platform.ts';
import type { Step } from '../ports/store.ts';
import { commit, failedConditions } from './commit.ts';
import { eventIsFailed, messageIsErasable, turnIsFailed } from './conditions.ts';
import { cancelTurn } from './erasure/cancel-turn.ts';
import { enqueueHints, hints } from './hints.ts';
import { budgetError, spentBudget } from './model-budget.ts';
import { currentOutage } from './refine/breaker.ts';
import { readabilityOf } from './retrieval/readable-turns.ts';
import { readTurns } from './retrieval/recent.ts';
import { put, update } from './steps.ts';

/** An event with its changes; `waitingFor`: an outage of the model, or a used up budget of tokens, keeps it waiting. */
export type EventView = Event & { changes: Change[]; waitingFor?: 'model' | 'budget' };

/** Polling intervals of `waitForEvent`: the first, and the longest. */
const firstPollMs = 10;
const maxPollMs = 250;

/** The view of an open event. Outage and budget are read, not stored with the event, so that its start and end write no events. */
const openView = async (platform: Platform, event: Event): Promise<EventView> => {
  const waits = event.kind === 'ADD' && event.stage === 'queued' && !event.verbatim;
  const outage = waits ? await currentOutage(platform) : undefined;
  if (outage) return { ...event, changes: [], error: outage.error, waitingFor: 'model' };
  const spent = waits ? await spentBudget(platform, event.project) : undefined;
  return spent
    ? { ...event, changes: [], error: budgetError(spent), waitingFor: 'budget' }
    : { ...event, changes: [] };
};

/** Changes of an event that reports a request of the API. Texts are those of the revisions, as far as they are not erased. */
const writtenChanges = async (
  { store }: Pick<Platform, 'store'>,
  { project, kind, written = [] }: Event,
): Promise<Change[]> => {
  if (kind === 'DELETE')
    return written.map(({ memory, entities }) => ({
      type: 'DELETE',
      memory,
      ...(entities ? { entities } : {}),
    }));
  // Of a rough memory there is no version and no revision: the absent revision 0 is read for it.
  const keys = written.map(({ memory, version = 0 }) => revisionKey(project, memory, version));
  const revisions = await store.getMany(keys);
  return written.map(({ memory, entities, kind: memoryKind }, index) => {
    const { newText, oldText } = revisions[index] ?? {};
    return {
      type: 'UPDATE',
      memory,
      ...(newText === undefined ? {} : { text: newText }),
      ...(oldText === undefined ? {} : { previousText: oldText }),
      ...(entities ? { entities } : {}),
      ...(memoryKind ? { kind: memoryKind } : {}),
    };
  });
};

/**
 * Returns the views of events that were read. Reads their changes strongly consistent. The transaction that ends an event writes its
 * changes: after a read of the ended event none are missing.
 */
export const viewsOf = async (
  platform: Platform,
  project: string,
  events: readonly Event[],
): Promise<EventView[]> => {
  const hasChanges = ({ status, written }: Event): boolean => isFinal(status) && !written;
  const ids = events.filter(hasChanges).map(({ id }) => id);
  const keys = ids.map((id) => changesKey(project, id));
  const found = keys.length === 0 ? [] : await platform.store.getMany(keys);
  const changesOf = new Map(ids.map((id, index) => [id, found[index]?.changes ?? []]));
  return mapConcurrent(events, async (event) => {
    if (!isFinal(event.status)) return openView(platform, event);
    const changes = changesOf.get(event.id) ?? (await writtenChanges(platform, event));
    return { ...event, changes };
  });
};

/** Reads an event with its changes, strongly consistent; undefined when absent. */
export const getEvent = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<EventView | undefined> => {
  const event = await platform.store.get(eventKey(project, id));
  const [view] = event ? await viewsOf(platform, project, [event]) : [];
  return view;
};

/** Polls until the event is final, `ms` have passed or `signal` aborts. Returns its state then; writes nothing. */
export const waitForEvent = async (
  platform: Platform,
  project: string,
  id: string,
  ms: number,
  signal?: AbortSignal,
): Promise<EventView | undefined> => {
  const { store, clock } = platform;
  const until = clock.now() + ms;
  for (let pollMs = firstPollMs; ; pollMs = Math.min(maxPollMs, pollMs * 1.5)) {
    const event = await store.get(eventKey(project, id));
    const remainingMs = until - clock.now();
    if (!event || isFinal(event.status) || remainingMs <= 0 || signal?.aborted)
      return event && getEvent(platform, project, id);
    await clock.sleep(Math.min(pollMs, remainingMs), signal);
  }
};

/** An event as a reader may see it, with its turn as long as that is kept. */
export interface ReadableEvent {
  event: EventView;
  turn?: Turn | undefined;
}

/**
 * Reads the turns of events, strongly consistent, and leaves out what was deleted before: the texts of changes of deleted memories,
 * the words of messages that state one, and everything of a turn that a delete-all covers.
 */
export const readableEvents = async (
  platform: Platform,
  project: string,
  events: readonly EventView[],
): Promise<ReadableEvent[]> => {
  const ids = events.flatMap(({ turn }) => turn ?? []);
  const turns = new Map((await readTurns(platform, project, ids)).map((turn) => [turn.id, turn]));
  const changed = events.flatMap(({ changes }) => changes.flatMap(({ memory }) => memory ?? []));
  const { isKept, isCovered, readable } = await readabilityOf(
    platform,
    project,
    [...turns.values()],
    changed,
  );
  return events.map((event) => {
    const turn = turns.get(event.turn ?? '');
    const isErased = ({ memory }: Change): boolean =>
      (turn !== undefined && isCovered(turn)) || (memory !== undefined && !isKept(memory));
    const changes = event.changes.map((change) =>
      isErased(change) ? withoutTexts(change) : change,
    );
    return { event: { ...event, changes }, turn: turn && readable(turn) };
  });
};

const turnOfEvent = async (
  { store }: Pick<Platform, 'store'>,
  project: string,
  event: Event,
): Promise<Turn | undefined> =>
  event.turn === undefined ? undefined : store.get(turnKey(project, event.turn));

/** The write that makes a failed turn pending, and what its event shows of attachments that are read again. */
const retryWrites = (turn: Turn): { step: Step; shown: Pick<Event, 'attachments'> } => {
  const key = turnKey(turn.project, turn.id);
  const retried = withRetriedAttachments(turn);
  if (!retried) return { step: update(key, { state: 'pending' }, turnIsFailed), shown: {} };
  const attachments = outcomesOf(retried);
  return {
    step: update(
      key,
      { state: 'pending', messages: retried.messages },
      // A message that was edited or erased since must not come back.
      messageIsErasable(turn),
    ),
    shown: attachments ? { attachments } : {},
  };
};

/**
 * Makes a failed event pending again with all its retries, in one transaction; of two concurrent calls one succeeds. Changes
 * by newer turns stay, since an older turn never undoes them. Attachments that failed for a reason which may pass are read again.
 */
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
  const { step, shown } = retryWrites(turn);
  const result = await commit(platform, [
    update(
      eventKey(project, id),
      { status: 'PENDING', stage: 'queued', attempts: 0, updatedAt: now, ...shown },
      eventIsFailed,
      ['error', 'completedAt', 'expiresAt'],
    ),
    step,
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
  if (failedConditions(result).includes(messageIsErasable(turn).name))
    return retryEvent(platform, project, id);
  if (!result.committed) return 'not_failed';
  await enqueueHints(platform, [hints.refine(project, turn.scope)]);
  return 'retried';
};

/** Cancels an event before it is applied. The rough memory disappears, and nothing is learned from the turn. */
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
