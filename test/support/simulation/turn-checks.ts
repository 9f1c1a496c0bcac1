import type { Event, EventStatus } from '../../../shared/domain/memory/event.ts';
import type { Turn } from '../../../shared/domain/memory/turn.ts';
import { eventKey, pendingKey, turnKey } from '../../../shared/domain/table/keys.ts';
import type { CommitScope } from './commit-scope.ts';
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

const checkTurn = (service: CommitScope, before: Turn | undefined, after: Turn): void => {
  const { id, project, scope, state } = after;
  if (!turnMoves[before?.state ?? 'none']?.includes(state))
    service.complain(`turn ${id} went from ${before?.state} to ${state}`);
  else if (state === 'pending' && !service.table.get(pendingKey(project, scope, id)))
    service.complain(`turn ${id} is pending, but nothing says that it has to be refined`);
  if (before?.state === state) return;
  const event = service.table.get(eventKey(project, after.event));
  if (!event || !statusOfState[state]?.includes(event.status))
    service.complain(`turn ${id} is ${state} while its event is ${event?.status}`);
};

const checkEvent = (service: CommitScope, before: Event | undefined, after: Event): void => {
  if (!eventMoves[before?.status ?? 'none']?.includes(after.status))
    service.complain(`event ${after.id} went from ${before?.status} to ${after.status}`);
  const turn =
    after.turn === undefined ? undefined : service.table.get(turnKey(after.project, after.turn));
  if (turn && !statusOfState[turn.state]?.includes(after.status))
    service.complain(`event ${after.id} is ${after.status} while its turn is ${turn.state}`);
};

const checkPending = (service: CommitScope, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'PEND')) {
    const turn =
      before && !after ? service.table.get(turnKey(before.project, before.turn)) : undefined;
    if (turn?.state === 'pending')
      service.complain(`the work item of turn ${turn.id} was removed while the turn waits`);
  }
};

/** Turns and their events go their ways together, and each ends once. */
export const checkTurns = (service: CommitScope, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'TURN'))
    if (after) checkTurn(service, before, after);
    else service.complain('a turn was removed');
  for (const { before, after } of writesOf(writes, 'EVENT'))
    if (after) checkEvent(service, before, after);
  checkPending(service, writes);
};

/** A claim that stands is only taken over once the event it leads to is over. */
export const checkClaims = (service: CommitScope, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'IDEM')) {
    if (!before || !after || before.event === after.event) continue;
    const turn = writesOf(writes, 'TURN')[0]?.after;
    const event = turn && service.table.get(eventKey(turn.project, before.event));
    if (event?.status === 'PENDING' || event?.status === 'RUNNING')
      service.complain(`a repeated request became another turn, ${turn?.id}`);
  }
};
