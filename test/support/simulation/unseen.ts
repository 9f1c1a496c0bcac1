const otherPart = 'Webhooks are left out: no endpoint is registered.';

/** Conditions that the table of mutations leaves out, and why. */
export const unseen: { readonly [condition: string]: string } = {
  turnIsPending: 'A turn and its event change together: eventIsOpen stands in its way as well.',
  eventIsFailed: 'A failed event is only opened together with its turn, which turnIsFailed guards.',
  turnIsRough: 'Needs a write to the index under way for longer than calls are here.',
  turnIsApplied: 'An applied turn stays applied; it says what is meant.',
  isStillKnown: 'The memory is read right before; what is left is the moment until the commit.',
  wentAsPlanned:
    'Needs a deletion, its replacement and an edit in one batch: once in 10,000 schedules.',
  memoryIsNew:
    'Ids are the plan’s own, and only the holder of the lease writes what it holds back.',
  holdsJob: 'Needs a job that is taken over in the middle of a page.',
  stillThere: 'What it guards is only removed by expiry, which is days away.',
  notificationIsNew: otherPart,
  deliveryIsNew: otherPart,
  gateIsAt: otherPart,
  endpointIsAt: otherPart,
  deliveryIsDue: otherPart,
  deliveryIsParked: otherPart,
  placeIsStale: otherPart,
  attemptIsCurrent: otherPart,
  deliveryIsAt: otherPart,
  isLastOpen: otherPart,
  deliveryWaits: otherPart,
  laneIsAt: otherPart,
  recoveryIsFree: otherPart,
  holdsRecovery: otherPart,
  recoveryRuns: otherPart,
};
