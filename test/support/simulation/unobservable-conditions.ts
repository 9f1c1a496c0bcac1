/** Conditions without a mutation test, each with the reason. */
export const unobservableConditions: { readonly [condition: string]: string } = {
  turnIsPending: 'A turn and its event change together, and eventIsOpen guards the event as well.',
  eventIsFailed: 'A failed event is only opened together with its turn, which turnIsFailed guards.',
  memoryIsAt:
    'The memory is read immediately before the commit: no violation in 2,500 schedules of contested.',
  memoryIsNew: 'The plan generates the ids, and only the lease holder writes staged memories.',
  itemExists: 'The guarded items are only removed by expiry, which is days away.',
  backlogEntryIsStale:
    'Needs a delivery that is claimed, fails and is queued with its old priority between two calls of one process.',
  orderingTailIsAt:
    'Needs two concurrent facts of a scope in concurrent fan-outs: no violation in 1,500 schedules of webhooks.',
  endpointIsAbsent: 'The simulation imports no endpoints; endpoint-races.test.ts fails without it.',
  declarationIs: 'The simulation declares no entities; declared-entities.test.ts fails without it.',
  spendIsAt:
    'The simulation has no budgets of tokens; http-model-budget.test.ts counts tokens of workers at once.',
  recoveryIsCancelled: 'A cancelled recovery stays cancelled; the condition documents the intent.',
};
