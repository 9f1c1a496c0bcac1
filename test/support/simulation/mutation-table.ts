import { removePointersAtApply } from '../../../shared/simulation/defect.ts';
import type { Mutation } from '../../../shared/simulation/process.ts';
import {
  acceptancesNotAnnounced,
  blameTurnsForOutages,
  erasedMessageNotDue,
  erasedSourcesCounted,
  firstPageOnly,
  formerTextsDropped,
  giveUpTurnsAtOnce,
  idleTimeNotDue,
  ignoreEarlierOutboxes,
  messagesBesideMemories,
  missedAcceptancesForgotten,
  neverGiveUpTurns,
  newestTurnFirst,
  noCheckAfterRelease,
  noGraceOfDirectReads,
  pendingWithoutDueTime,
  probeAlwaysSucceeds,
  probeNeverSucceeds,
  readersIgnoreCutoffs,
  readersIgnoreLineage,
  restatementsNotRecorded,
  stagedMemoriesVisible,
  tasksWithoutDueTime,
  turnsUnlisted,
  uncountedDeletions,
  unlistBeforeErasure,
  unversionedVectorIds,
  withoutClause,
  withoutCondition,
} from './mutations.ts';
import { blocksForgotten, categoriesNotDelivered, concurrentScopes } from './webhook-mutations.ts';

interface Entry {
  /** Defect as the end of the sentence "the simulation finds a violation if ...". */
  name: string;
  /** Condition that the mutation removes as a whole. */
  condition?: string;
  mutation: Mutation;
  /** Scenario that detects the mutation with the fewest schedules. */
  scenario: string;
  /** Seed of the first schedule. */
  from: number;
}

/** @param from where schedules that show it are rare, a seed shortly before one of them */
const condition = (name: string, scenario: string, from = 1): Entry => ({
  name: `the condition ${name} is missing`,
  condition: name,
  mutation: withoutCondition(name),
  scenario,
  from,
});

const clause = (name: string, attribute: string, scenario: string, from = 1): Entry => ({
  name: `the condition ${name} does not check ${attribute}`,
  mutation: withoutClause(name, attribute),
  scenario,
  from,
});

const behaviour = (name: string, mutation: Mutation, scenario: string): Entry => ({
  name,
  mutation,
  scenario,
  from: 1,
});

/** Mutation tests of the simulation: each entry removes one safeguard of the protocol, which the checks must detect. */
export const mutations: readonly Entry[] = [
  condition('turnIsNew', 'resent'),
  condition('workIsLeft', 'rough'),
  condition('requestIsNew', 'repeats'),
  condition('resultIsAt', 'derived'),
  condition('idempotencyEventIs', 'repeats'),
  condition('entityIsNew', 'delete-all'),
  condition('scopeIsFree', 'leases'),
  clause('scopeIsFree', 'leaseUntil', 'leases'),
  clause('scopeIsFree', 'notBefore', 'rough'),
  condition('holdsLease', 'leases'),
  clause('knowsTasks', 'mark', 'processing'),
  condition('knowsTasks', 'processing'),
  condition('tasksAreAt', 'processing'),
  condition('turnIsFailed', 'rough'),
  condition('turnIsRoughAt', 'rough'),
  condition('turnIsPendingAt', 'rough'),
  clause('turnIsPendingAt', 'revision', 'rough'),
  condition('turnHasTextOf', 'messages', 1_001),
  condition('messageIsErasable', 'messages'),
  condition('eventIsOpen', 'deletes'),
  condition('memoryIsAsDecided', 'contested'),
  condition('versionIs', 'contested'),
  condition('entryIsOf', 'one-database'),
  condition('entityIsAt', 'delete-all'),
  condition('cutoffsAre', 'delete-all'),
  condition('epochIs', 'kinds'),
  condition('erasuresAre', 'contested'),
  condition('planWasApplied', 'contested'),
  condition('jobIsFree', 'delete-all'),
  condition('holdsJob', 'leases'),
  condition('notificationIsNew', 'webhooks'),
  condition('deliveryIsNew', 'webhooks'),
  condition('deliveryIsDue', 'webhooks'),
  condition('deliveryIsQueued', 'recoveries'),
  clause('deliveryIsQueued', 'manualRequested', 'recoveries', 8_700),
  condition('attemptIsCurrent', 'webhooks'),
  clause('attemptIsCurrent', 'token', 'webhooks'),
  clause('attemptIsCurrent', 'successor', 'webhooks'),
  condition('deliveryIsAt', 'recoveries'),
  condition('limiterIsAt', 'webhooks'),
  condition('endpointIsAt', 'webhooks'),
  condition('tailIsOpen', 'webhooks'),
  condition('deliveryIsBlocked', 'webhooks'),
  condition('recoveryIsFree', 'recoveries'),
  condition('holdsRecovery', 'recoveries'),
  condition('recoveryRuns', 'recoveries'),
  behaviour('vector ids contain no version', unversionedVectorIds, 'index'),
  behaviour('readers ignore cutoffs', readersIgnoreCutoffs, 'delete-all'),
  behaviour(
    'readers do not compare turns with the lineage of memories',
    readersIgnoreLineage,
    'adds',
  ),
  behaviour('messages are results beside their memories', messagesBesideMemories, 'adds'),
  behaviour('former texts are not kept', formerTextsDropped, 'adds'),
  behaviour('staged memories are visible', stagedMemoriesVisible, 'large'),
  behaviour('pending work has no due time', pendingWithoutDueTime, 'adds'),
  behaviour('open tasks have no due time', tasksWithoutDueTime, 'processing'),
  behaviour('an idle time makes no turn due', idleTimeNotDue, 'processing'),
  behaviour('an erased message has no due time', erasedMessageNotDue, 'messages'),
  behaviour('erased messages count as sources of memories', erasedSourcesCounted, 'messages'),
  behaviour('restatements are not recorded', restatementsNotRecorded, 'messages'),
  behaviour('a released scope is not checked for new turns', noCheckAfterRelease, 'hints'),
  behaviour('the first page counts as all pages', firstPageOnly, 'hints'),
  behaviour('the newest turn is refined first', newestTurnFirst, 'adds'),
  behaviour('an ordered fan-out ignores earlier outbox items', ignoreEarlierOutboxes, 'webhooks'),
  behaviour('no outbox of an acceptance is written', acceptancesNotAnnounced, 'webhooks'),
  behaviour(
    'an acceptance that no process announced is forgotten',
    missedAcceptancesForgotten,
    'first-endpoint',
  ),
  behaviour('attempts of an ordered scope are concurrent', concurrentScopes, 'recoveries'),
  behaviour('a process forgets the slots that others have in blocks', blocksForgotten, 'webhooks'),
  behaviour('the categories of a memory are not delivered', categoriesNotDelivered, 'webhooks'),
  behaviour('a memory is unlisted before its copies are erased', unlistBeforeErasure, 'erasures'),
  behaviour('a job does not count with each deletion', uncountedDeletions, 'erasures'),
  behaviour('pointers to turns are removed at apply', removePointersAtApply, 'index'),
  behaviour('pointers to a turn go before it is listed', turnsUnlisted, 'index'),
  behaviour('direct reads end once one replica has an entry', noGraceOfDirectReads, 'index'),
  behaviour('one database ends direct reads at apply', removePointersAtApply, 'one-database'),
  condition('outageIsAt', 'outages'),
  behaviour('an outage counts as a failure of the turn', blameTurnsForOutages, 'outages'),
  behaviour('a probe of the model always succeeds', probeAlwaysSucceeds, 'outages'),
  behaviour('a probe of the model never succeeds', probeNeverSucceeds, 'outages'),
  behaviour('no turn is given up during an outage', neverGiveUpTurns, 'outages'),
  behaviour('turns are given up at once', giveUpTurnsAtOnce, 'outages'),
];
