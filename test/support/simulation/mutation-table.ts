import {
  blamesTurns,
  blindProbe,
  blindToCutoffs,
  blindToEarlier,
  blindToOvertaking,
  deafProbe,
  firstPageOnly,
  hastyPointers,
  impatient,
  newestFirst,
  noSecondLook,
  nothingHeldBack,
  patientForGood,
  unversionedEntries,
  without,
  withoutPart,
  workWithoutDueTime,
} from './mutations.ts';
import type { Mutation } from './process.ts';

interface Entry {
  name: string;
  mutation: Mutation;
  /** The mix in which it shows soonest. */
  scenario: string;
}

const condition = (name: string, scenario: string): Entry => ({
  name: `condition ${name}`,
  mutation: without(name),
  scenario,
});

const part = (name: string, attribute: string, scenario: string): Entry => ({
  name: `condition ${name}, its ${attribute}`,
  mutation: withoutPart(name, attribute),
  scenario,
});

const habit = (name: string, mutation: Mutation, scenario: string): Entry => ({
  name,
  mutation,
  scenario,
});

/** One thing of the protocol taken away at a time. */
export const mutations: readonly Entry[] = [
  condition('turnIsNew', 'resent'),
  condition('requestIsNew', 'repeats'),
  condition('claimIsStill', 'repeats'),
  condition('entityIsNew', 'forget'),
  condition('scopeIsFree', 'leases'),
  part('scopeIsFree', 'leaseUntil', 'leases'),
  part('scopeIsFree', 'notBefore', 'rough'),
  condition('holdsLease', 'leases'),
  condition('turnIsFailed', 'rough'),
  condition('turnIsRough', 'leases'),
  condition('eventIsOpen', 'deletes'),
  condition('memoryIsAsDecided', 'contested'),
  condition('turnIsQuotable', 'contested'),
  condition('versionIs', 'contested'),
  condition('entityIsAt', 'forget'),
  condition('erasuresAre', 'contested'),
  condition('planWasApplied', 'contested'),
  condition('jobIsFree', 'forget'),
  condition('notificationIsNew', 'webhooks'),
  condition('deliveryIsNew', 'webhooks'),
  condition('deliveryIsDue', 'webhooks'),
  condition('deliveryIsQueued', 'recoveries'),
  condition('attemptIsCurrent', 'webhooks'),
  part('attemptIsCurrent', 'token', 'webhooks'),
  part('attemptIsCurrent', 'successor', 'webhooks'),
  condition('deliveryIsAt', 'recoveries'),
  condition('limiterIsAt', 'webhooks'),
  condition('endpointIsAt', 'webhooks'),
  condition('tailIsOpen', 'webhooks'),
  condition('deliveryIsBlocked', 'webhooks'),
  condition('recoveryIsFree', 'recoveries'),
  condition('holdsRecovery', 'recoveries'),
  condition('recoveryRuns', 'recoveries'),
  habit('vector ids without versions', unversionedEntries, 'index'),
  habit('readers ignore cutoffs', blindToCutoffs, 'forget'),
  habit('readers show overtaken turns', blindToOvertaking, 'adds'),
  habit('held memories are visible', nothingHeldBack, 'large'),
  habit('work has no due time', workWithoutDueTime, 'adds'),
  habit('no second look after the release', noSecondLook, 'hints'),
  habit('an empty page counts as the end', firstPageOnly, 'hints'),
  habit('newest turns first', newestFirst, 'adds'),
  habit('what is earlier is not looked for', blindToEarlier, 'webhooks'),
  habit('pointers go at apply', hastyPointers, 'index'),
  condition('outageIsAt', 'outages'),
  habit('an outage is taken for the turn’s failure', blamesTurns, 'outages'),
  habit('a probe always succeeds', blindProbe, 'outages'),
  habit('a probe never succeeds', deafProbe, 'outages'),
  habit('no turn is given up', patientForGood, 'outages'),
  habit('turns are given up at once', impatient, 'outages'),
];
