import type { Event, EventStatus } from '../domain/memory/event.ts';
import type { Turn } from '../domain/memory/turn.ts';
import { eventKey, pendingKey, turnKey } from '../domain/table/keys.ts';
import type { CheckContext } from './check-context.ts';
import { writesOf } from './history.ts';
import type { Write } from './memory-table.ts';

const turnMoves: { [state: string]: readonly Turn['state'][] } = {
  none: ['pending'],
  pending: ['pending', 'applied', 'failed', 'cancelled'],
  failed: ['failed', 'pending', 'cancelled'],
  applied: ['applied'],
  cancelled: ['cancelled'],
};

const eventMoves: { [status: string]: readonly EventStatus[] } = {
  none: ['PENDING'],
  PENDING: ['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'],
  RUNNING: ['RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'],
  FAILED: ['FAILED', 'PENDING'],
  SUCCEEDED: ['SUCCEEDED'],
  CANCELLED: ['CANCELLED'],
};

const statusOfState: { [state: string]: readonly EventStatus[] } = {
  pending: ['PENDING', 'RUNNING'],
  applied: ['SUCCEEDED'],
  failed: ['FAILED'],
  cancelled: ['CANCELLED', 'FAILED'],
};

/** Messages of a refined turn are only erased; a change of those of another turn makes another revision. */
const checkMessages = ({ report }: CheckContext, before: Turn, after: Turn): void => {
  if (after.erased || JSON.stringify(before.messages) === JSON.stringify(after.messages)) return;
  const isErasure = after.messages.every(
    ({ content }, at) => content === '' || content === before.messages[at]?.content,
  );
  if (before.state === 'applied' && !isErasure)
    report(`the text of turn ${after.id} changed after it was refined`);
  if (before.state !== 'applied' && after.revision !== (before.revision ?? 0) + 1)
    report(`the text of turn ${after.id} changed without a new revision`);
};

const checkTurn = (context: CheckContext, before: Turn | undefined, after: Turn): void => {
  const { id, project, scope, state } = after;
  if (!turnMoves[before?.state ?? 'none']?.includes(state))
    context.report(`turn ${id} went from ${before?.state} to ${state}`);
  else if (state === 'pending' && !context.table.get(pendingKey(project, scope, id)))
    context.report(`turn ${id} is pending, but has no work item`);
  if (before) checkMessages(context, before, after);
  if (before?.state === state) return;
  const event = context.table.get(eventKey(project, after.event));
  if (!event || !statusOfState[state]?.includes(event.status))
    context.report(`turn ${id} is ${state} while its event is ${event?.status}`);
};

const checkEvent = (context: CheckContext, before: Event | undefined, after: Event): void => {
  // A request to process that finds no turn has succeeded at once.
  if (after.kind === 'PROCESS' && !before && after.status === 'SUCCEEDED') return;
  // The event of a request that is done is written once, whatever its turn does.
  if (after.written) {
    if (before) context.report(`event ${after.id} of a request was written again`);
    return;
  }
  if (!eventMoves[before?.status ?? 'none']?.includes(after.status))
    context.report(`event ${after.id} went from ${before?.status} to ${after.status}`);
  const turn =
    after.turn === undefined ? undefined : context.table.get(turnKey(after.project, after.turn));
  if (turn && !statusOfState[turn.state]?.includes(after.status))
    context.report(`event ${after.id} is ${after.status} while its turn is ${turn.state}`);
};

const checkPending = (context: CheckContext, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'PEND')) {
    const turn =
      before && !after ? context.table.get(turnKey(before.project, before.turn)) : undefined;
    if (turn?.state === 'pending')
      context.report(`the work item of turn ${turn.id} was removed while the turn waits`);
  }
};

/** A pointer to a refined turn goes only once the same listing has the turn, so that a reader of both finds it. */
const checkListed = (context: CheckContext, writes: readonly Write[]): void => {
  for (const { key, before, after } of writesOf(writes, 'RECENT')) {
    if (after || !before || !('turn' in before)) continue;
    const [, project = ''] = key.pk.split('#');
    const turn = context.table.get(turnKey(project, before.turn));
    if (turn?.state !== 'applied' || turn.erased) continue;
    const entry = { kind: 'LISTED_TURN', pk: key.pk, sk: `TURN_LISTED#${turn.id}` } as const;
    if (!context.table.get(entry)) context.report(`turn ${turn.id} is in neither listing`);
  }
};

/** Memories whose text the API replaced, or which the API deleted, each with the version that led to. */
const changedByApi = (writes: readonly Write[]): string[] =>
  writesOf(writes, 'REV').flatMap(({ before, after }) =>
    after && !before && after.turn === undefined && after.event === undefined
      ? [`${after.type} ${after.memory} ${after.version}`]
      : [],
  );

/** Each change of a memory by the API is reported once, by an event of the same transaction, and no other change is. */
const checkReports = (context: CheckContext, writes: readonly Write[]): void => {
  const reported = writesOf(writes, 'EVENT').flatMap(({ after }) =>
    (after?.written ?? []).map(({ memory, version }) => ({
      change: `${after?.kind} ${memory} ${version}`,
      isMemory: version !== undefined,
    })),
  );
  const changed = new Set(changedByApi(writes));
  for (const change of changed)
    if (reported.filter((one) => one.change === change).length !== 1)
      context.report(`no event, or several, report: ${change}`);
  const written = new Set(
    writesOf(writes, 'MEMORY').map(({ after }) => `${after?.id} ${after?.version}`),
  );
  for (const { change, isMemory } of reported)
    if (isMemory && !written.has(change.slice(change.indexOf(' ') + 1)))
      context.report(`an event reports what its transaction did not write: ${change}`);
};

/** Proves the state machines of turns and events: permitted transitions only, both in step, work item until the end. */
export const checkTurns = (context: CheckContext, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'TURN'))
    if (after) checkTurn(context, before, after);
    else context.report('a turn was removed');
  for (const { before, after } of writesOf(writes, 'EVENT'))
    if (after) checkEvent(context, before, after);
  checkPending(context, writes);
  checkListed(context, writes);
  checkReports(context, writes);
};

/** Proves idempotency: a deduplication claim is replaced only after the event of the first request is final. */
export const checkClaims = (context: CheckContext, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'IDEM')) {
    if (!before || !after || before.event === after.event) continue;
    const turn = writesOf(writes, 'TURN')[0]?.after;
    const event = turn && context.table.get(eventKey(turn.project, before.event));
    if (event?.status === 'PENDING' || event?.status === 'RUNNING')
      context.report(`a repeated request became another turn, ${turn?.id}`);
  }
};
