import {
  blindToCutoffs,
  blindToOvertaking,
  firstPageOnly,
  hastyPointers,
  hastyRemoval,
  indexFirst,
  newestFirst,
  noMargin,
  noSecondLook,
  nothingHeldBack,
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
  condition('turnIsNew', 'repeats'),
  condition('requestIsNew', 'repeats'),
  condition('claimIsStill', 'repeats'),
  condition('entityIsNew', 'forget'),
  condition('scopeIsFree', 'adds'),
  part('scopeIsFree', 'leaseUntil', 'adds'),
  part('scopeIsFree', 'notBefore', 'failures'),
  condition('holdsLease', 'adds'),
  condition('turnIsPending', 'deletes'),
  condition('turnIsRough', 'failures'),
  condition('turnIsFailed', 'failures'),
  condition('turnIsApplied', 'deletes'),
  condition('eventIsOpen', 'deletes'),
  condition('eventIsFailed', 'failures'),
  condition('memoryIsAsDecided', 'edits'),
  part('memoryIsAsDecided', 'version', 'edits'),
  part('memoryIsAsDecided', 'lastTurn', 'edits'),
  part('memoryIsAsDecided', 'scope', 'edits'),
  part('memoryIsAsDecided', 'state', 'deletes'),
  condition('isStillKnown', 'shared'),
  condition('mayBeQuoted', 'deletes'),
  condition('memoryIsNew', 'large'),
  condition('versionIs', 'edits'),
  condition('entityIsAt', 'forget'),
  condition('erasuresAre', 'deletes'),
  condition('jobIsFree', 'forget'),
  condition('holdsJob', 'forget'),
  condition('stillThere', 'deletes'),
  habit('vector ids without versions', unversionedEntries, 'index'),
  habit('older entries are removed at once', hastyRemoval, 'index'),
  habit('the index is asked before recent pointers', indexFirst, 'index'),
  habit('readers ignore cutoffs', blindToCutoffs, 'forget'),
  habit('readers show overtaken turns', blindToOvertaking, 'adds'),
  habit('held memories are visible', nothingHeldBack, 'large'),
  habit('work has no due time', workWithoutDueTime, 'adds'),
  habit('no second look after the release', noSecondLook, 'hints'),
  habit('an empty page counts as the end', firstPageOnly, 'hints'),
  habit('newest turns first', newestFirst, 'adds'),
  habit('pointers go at apply', hastyPointers, 'index'),
  habit('no margin before direct reads end', noMargin, 'index'),
];
