/** Conditions that the table of mutations leaves out, and why. */
export const unseen: { readonly [condition: string]: string } = {
  turnIsPending: 'A turn and its event change together: eventIsOpen stands in its way as well.',
  eventIsFailed: 'A failed event is only opened together with its turn, which turnIsFailed guards.',
  turnIsApplied: 'An applied turn stays applied; it says what is meant.',
  memoryIsAt:
    'The memory is read right before; what is left is the moment until the commit: not in 2,500 schedules of contested.',
  memoryIsNew:
    'Ids are the plan’s own, and only the holder of the lease writes what it holds back.',
  holdsJob:
    'Needs a job that is taken over in the middle of a page: not in 1,200 schedules of leases.',
  itemExists: 'What it guards is only removed by expiry, which is days away.',
  backlogEntryIsStale:
    'Needs a delivery that passes, fails and stands at its old place again between two calls of one process.',
  orderingTailIsAt:
    'Needs two facts of a scope that came about side by side to be told in the same moment: not in 1,500 schedules of webhooks.',
  recoveryIsCancelled: 'A cancelled recovery stays cancelled; it says what is meant.',
};
