import { analyze } from '../../../domain/memory/analyzer.ts';
import { piecesOf } from '../../../domain/memory/text-pieces.ts';
import type { DecideRequest, ProposedChange } from '../../../ports/language-model.ts';
import { expandAliases } from '../slots/slot.ts';
import { relativeIn } from '../statements/coreference.ts';
import { namesIn, type People } from '../statements/people.ts';
import { changedFact } from './changes.ts';
import { endingOf, mayEnd } from './endings.ts';
import type { FactSet, Origin } from './fact-set-types.ts';
import type { Finding } from './finding.ts';
import { createKnownFacts } from './known-facts.ts';
import { type ParsedFact, parseFact, startsWithName, withEndedSlots } from './parsed-fact.ts';
import { type FactAt, isSubset, matchingFacts, type Resolution, reconcile } from './reconcile.ts';
import { findReplaced, isTakenBack, type Replacement } from './replacements.ts';
import {
  correctedBy,
  correctionIn,
  isHearsay,
  isSameSubject,
  mergeChanges,
  newestOf,
  type Revision,
} from './revisions.ts';

/** Longest memory, in characters, that is compared. A longer memory was written by hand and is never changed. */
const maxMemory = 6_000;

/** Whether a text is kept as it was said. */
type Said = Pick<ProposedChange, 'verbatim'>;

type Stated = Extract<Finding, { kind: 'fact' }>;

/** A fact with its history: a memory of the request, or an addition of one of the turns. */
interface TrackedFact {
  /** Position in the set. */
  at: number;
  fact: ParsedFact;
  target: NonNullable<ProposedChange['target']>;
  observedAt: number;
  /** False once the fact is deleted. */
  live: boolean;
  /** Last change to this fact, with its turn: a turn changes a memory once. */
  changeThisTurn?: { turn: number; change: number };
}

const longMessage =
  'only the beginning of a very long message was read, the rest is stored verbatim';

/** Starts from the memories of a request; the findings of its turns are added in order. */
export const createFactSet = (memories: DecideRequest['memories'], people: People): FactSet => {
  const changes: ProposedChange[] = [];
  const names = new Set<string>();
  const reported = new Set<string>();
  const known = createKnownFacts();
  const entries: TrackedFact[] = [];
  let longMemories = 0;

  const track = (entry: Omit<TrackedFact, 'at'>): void => {
    const at = entries.length;
    known.add(entry.fact, at);
    entries.push({ ...entry, at });
  };

  for (const [memory, { text, observedAt }] of memories.entries()) {
    if (text.length > maxMemory) {
      longMemories += 1;
      continue;
    }
    for (const name of namesIn(text)) names.add(name);
    track({ fact: parseFact(text, people), target: { memory }, observedAt, live: true });
  }

  const changeOf = (entry: TrackedFact, turn: number): ProposedChange | undefined =>
    entry.changeThisTurn?.turn === turn ? changes[entry.changeThisTurn.change] : undefined;

  /** Appends a change, or merges it into an earlier change of the same turn to the same fact. */
  const revise = (
    entry: TrackedFact,
    { turn, observedAt, ...at }: Origin,
    revision: Revision,
  ): void => {
    const earlier = changeOf(entry, turn);
    const change = earlier && entry.changeThisTurn ? entry.changeThisTurn.change : changes.length;
    changes[change] = mergeChanges(earlier, { turn, target: entry.target, ...at, ...revision });
    entry.changeThisTurn = { turn, change };
    entry.live = revision.type !== 'DELETE';
    entry.observedAt = Math.max(entry.observedAt, observedAt);
    if (revision.type !== 'UPDATE') return;
    entry.fact = parseFact(revision.text, people);
    known.add(entry.fact, entry.at);
  };

  const live: FactAt = (at) => {
    const entry = entries[at];
    return entry?.live ? entry.fact : undefined;
  };

  /** Live facts, and those that this turn deleted: a later sentence of the turn may still name their replacement. */
  const replaceable =
    (turn: number): FactAt =>
    (at) => {
      const entry = entries[at];
      if (!entry || entry.live) return entry?.fact;
      return changeOf(entry, turn)?.type === 'DELETE' ? withEndedSlots(entry.fact) : undefined;
    };

  /** Whether this turn added or changed the fact. */
  const isOfTurn = (entry: TrackedFact, turn: number): boolean =>
    entry.changeThisTurn?.turn === turn;

  /** Whether a change of this turn may name the fact as its target. Additions of the turn itself are not stored yet. */
  const isTarget = (entry: TrackedFact, turn: number): boolean =>
    'memory' in entry.target || changes[entry.target.change]?.turn !== turn;

  /** Appends a NONE, at most once per turn, reason and target. */
  const addNoop = (
    { turn, observedAt: _, ...at }: Origin,
    reason: string,
    entry?: TrackedFact,
  ): void => {
    const target = entry && isTarget(entry, turn) ? { target: entry.target } : {};
    const key = JSON.stringify([turn, reason, target]);
    if (!reported.has(key)) changes.push({ turn, ...at, type: 'NONE', reason, ...target });
    reported.add(key);
  };

  const add = (fact: ParsedFact, { turn, observedAt, ...at }: Origin, said: Said): void => {
    const change = changes.push({ turn, type: 'ADD', text: fact.text, ...at, ...said }) - 1;
    const changeThisTurn = { turn, change };
    track({ fact, target: { change }, observedAt, live: true, changeThisTurn });
  };

  const applyResolution = (
    result: Resolution,
    entry: TrackedFact,
    origin: Origin,
    said: Said,
  ): void => {
    if (result.type === 'NONE') addNoop(origin, result.reason, entry);
    else if (entry.observedAt > origin.observedAt)
      addNoop(origin, 'a newer statement is already known', entry);
    else if (result.type === 'UPDATE')
      revise(entry, origin, { type: 'UPDATE', text: result.text, ...said });
    else revise(entry, origin, { type: 'DELETE' });
  };

  /** Deletes every fact that a denial contradicts. */
  const retractContradicted = (fact: ParsedFact, origin: Origin): void => {
    for (let left = entries.length; left > 0; left -= 1) {
      const result = reconcile(fact, known, live);
      const entry = result.type === 'DELETE' ? entries[result.at] : undefined;
      if (!entry || entry.observedAt > origin.observedAt) return;
      revise(entry, origin, { type: 'DELETE' });
    }
  };

  /** Replaces the newest fact that an ending ends, and deletes the others. Returns whether there was one. */
  const endKnown = (fact: ParsedFact, origin: Origin): boolean => {
    if (!mayEnd(fact)) return false;
    const ending = endingOf(fact);
    const isEnded = ({ live, observedAt, fact: other }: TrackedFact): boolean =>
      live && observedAt <= origin.observedAt && isSameSubject(fact, other) && ending.ends(other);
    const [newest, ...others] = entries.filter(isEnded).reverse();
    if (!newest) return false;
    revise(newest, origin, { type: 'UPDATE', text: ending.textAfter(newest.fact) });
    for (const entry of others) revise(entry, origin, { type: 'DELETE' });
    return true;
  };

  /** The fact that was stated last, and that if it was stated in the same message; empty otherwise. */
  let stated: { text: string; origin: Origin } | undefined;
  const leadOf = ({ turn, message }: Origin): string =>
    stated?.origin.turn === turn && stated.origin.message === message ? stated.text : '';

  /** Finds the known fact whose change a new fact reports; facts of the same turn stay beside each other. Undefined once a known fact was ended. */
  const resolve = (fact: ParsedFact, origin: Origin): Resolution | undefined => {
    const { turn } = origin;
    const result = reconcile(fact, known, replaceable(turn));
    if (isHearsay(fact)) return result.type === 'NONE' ? result : { type: 'ADD' };
    if (result.type !== 'ADD') return result;
    if (endKnown(fact, origin)) return undefined;
    const earlier: FactAt = (at) =>
      entries[at] && isOfTurn(entries[at], turn) ? undefined : live(at);
    const at = changedFact(fact, known, earlier, people.count > 0, leadOf(origin));
    return at === undefined ? result : { type: 'UPDATE', at, text: fact.text };
  };

  /** Puts the value that a text says was meant into the newest fact. Returns whether that has a value of the kind. */
  const isCorrected = (said: string, origin: Origin): boolean => {
    const meant = people.count > 0 ? undefined : correctionIn(said);
    const newest = meant && newestOf(entries.filter(({ live }) => live));
    const text = newest && correctedBy(meant, newest, origin.observedAt);
    if (!newest || text === undefined) return false;
    applyResolution({ type: 'UPDATE', at: newest.at, text }, newest, origin, {});
    return true;
  };

  const replaceValue = (replacement: Replacement, origin: Origin): boolean => {
    const before = entries.filter(
      (entry) =>
        entry.live &&
        entry.observedAt <= origin.observedAt &&
        !isHearsay(entry.fact) &&
        !isOfTurn(entry, origin.turn),
    );
    const found = findReplaced(before, replacement);
    if (!found) return false;
    const { entry, text } = found;
    applyResolution({ type: 'UPDATE', at: entry.at, text }, entry, origin, {});
    return true;
  };

  /** Adds a new fact, or changes the known one that it resolves to. */
  const settle = (fact: ParsedFact, result: Resolution, origin: Origin, said: Said): void => {
    const entry = result.type === 'ADD' ? undefined : entries[result.at];
    if (entry) applyResolution(result, entry, origin, said);
    else add(fact, origin, said);
    if (result.type === 'DELETE') retractContradicted(fact, origin);
    for (const name of namesIn(fact.text)) names.add(name);
  };

  const addFact = ({ text, author, verbatim }: Stated, origin: Origin): void => {
    if (author === undefined && isCorrected(text, origin)) return;
    const parsed = parseFact(text, people);
    const fact = author === undefined ? parsed : { ...parsed, author };
    const result = resolve(fact, origin);
    if (result) settle(fact, result, origin, verbatim ? { verbatim } : {});
    stated = { text, origin };
  };

  const retract = (positions: readonly number[], origin: Origin): void => {
    if (positions.length === 0) addNoop(origin, 'nothing known matches what is to be forgotten');
    for (const at of positions) {
      const entry = entries[at];
      if (entry?.live) revise(entry, origin, { type: 'DELETE' });
    }
  };

  /** Positions of facts about a topic, or about a name that such facts introduce: "a dog named Rex", then "Rex". */
  const factsAbout = (topic: string): number[] => {
    const terms = new Set(
      analyze(
        expandAliases(topic).replace(/^(?:my|our|the|that|how|where|what)\b|\bbeing\b/gi, ''),
      ),
    );
    const direct = [...known.withTerms(terms)].filter((at) => {
      const fact = live(at);
      return fact !== undefined && isSubset(terms, fact.terms);
    });
    const introduced = new Set(
      direct.flatMap((at) => namesIn(live(at)?.text ?? '')).filter((name) => !people.has(name)),
    );
    const byName =
      introduced.size === 0
        ? []
        : entries.flatMap(({ live, fact, at }) =>
            live && startsWithName(fact, introduced) ? [at] : [],
          );
    return [...new Set([...direct, ...byName])].sort((a, b) => a - b);
  };

  const keepVerbatim = (text: string, { turn, observedAt: _, ...at }: Origin): void => {
    changes.push({ turn, type: 'ADD', text, ...at, verbatim: true });
  };

  const keepUnread = (text: string, origin: Origin): void => {
    for (const piece of piecesOf(text)) keepVerbatim(piece, origin);
    addNoop(origin, longMessage);
  };

  /** Positions of the facts that a request to forget means. */
  const retracted = (finding: Extract<Finding, { kind: 'topic' | 'retraction' }>): number[] =>
    finding.kind === 'topic'
      ? factsAbout(finding.topic)
      : matchingFacts(parseFact(finding.fact, people), known, live);

  return {
    changes,
    longMemories,
    keepVerbatim,
    replaceValue,
    revert(taken, origin) {
      const about = factsAbout(taken.topic);
      const only = about.length === 1 ? live(about[0] ?? -1) : undefined;
      if (!only || !isTakenBack(only, taken)) return false;
      retract(about, origin);
      return true;
    },
    names: () => names,
    lastMentioned: () => relativeIn(newestOf(entries.filter(({ live }) => live))?.fact.text ?? ''),
    addFinding(finding, origin) {
      if (finding.kind === 'fact') addFact(finding, origin);
      else if (finding.kind === 'replacement') replaceValue(finding.replacement, origin);
      else if (finding.kind === 'nothing') addNoop(origin, finding.reason);
      else if (finding.kind === 'unread') keepUnread(finding.text, origin);
      else retract(retracted(finding), origin);
    },
  };
};
