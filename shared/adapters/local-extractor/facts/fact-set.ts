import { analyze } from '../../../domain/memory/analyzer.ts';
import { piecesOf } from '../../../domain/memory/text-pieces.ts';
import type { DecideRequest, ProposedChange } from '../../../ports/language-model.ts';
import { namesIn } from '../statements/known-names.ts';
import type { People } from '../statements/people.ts';
import type { Finding } from './extract-findings.ts';
import { createKnownClaims } from './known-facts.ts';
import { type ParsedFact, parseFact, slotsByKey } from './parsed-fact.ts';
import { type ClaimAt, isSubset, matching, type Resolution, reconcile } from './reconcile.ts';

/** Characters of a memory that is compared; a longer one was written by hand, and stays as it is. */
const maxMemory = 6_000;

interface Entry {
  /** Its position. */
  at: number;
  claim: ParsedFact;
  target: NonNullable<ProposedChange['target']>;
  observedAt: number;
  live: boolean;
  /** The change of the present turn that touched it, so that one turn changes a memory once. */
  changeThisTurn?: { turn: number; change: number };
}

/** Where a finding comes from. */
export interface Origin {
  turn: number;
  /** Its message; absent when it is about the turn as a whole. */
  message?: number;
  observedAt: number;
}

export interface FactSet {
  changes: readonly ProposedChange[];
  /** Compares a finding with all that is known and notes the change it makes. */
  addFinding(finding: Finding, origin: Origin): void;
  /** Keeps words as they are, without comparing them. */
  keep(text: string, origin: Origin): void;
  /** Memories that are not compared. */
  longMemories: number;
  /** People and pets that what is known names. */
  names(): ReadonlySet<string>;
}

const longMessage = 'only the beginning of a very long message was read, the rest is kept as said';

type Revision = { type: 'UPDATE'; text: string } | { type: 'DELETE' };

/** What an addition becomes when its own turn revises it; any other change is simply superseded. */
const merged = (earlier: ProposedChange | undefined, revision: ProposedChange): ProposedChange => {
  if (earlier?.type !== 'ADD') return revision;
  const { turn, message } = earlier;
  return revision.type === 'DELETE'
    ? {
        turn,
        ...(message !== undefined && { message }),
        type: 'NONE',
        reason: 'taken back in the same turn',
      }
    : { ...earlier, ...(revision.text !== undefined && { text: revision.text }) };
};

const asEnded = (claim: ParsedFact): ParsedFact => {
  const slots = claim.slots.map((slot) => ({ ...slot, ended: true }));
  return { ...claim, terms: new Set(), slots, slotsByKey: slotsByKey(slots) };
};

/** Whether a text is about somebody of these names: "Rex barks", "Rex's food". */
const opensWith = ({ text }: ParsedFact, names: ReadonlySet<string>): boolean => {
  const [first = ''] = text.split(' ', 1);
  if (first.length === text.length) return false;
  return names.has(first) || (first.endsWith("'s") && names.has(first.slice(0, -2)));
};

/** What is known: the memories of a request, and what its turns have changed so far. */
export const createFactSet = (memories: DecideRequest['memories'], people: People): FactSet => {
  const changes: ProposedChange[] = [];
  const names = new Set<string>();
  const reported = new Set<string>();
  const known = createKnownClaims();
  const entries: Entry[] = [];
  let longMemories = 0;

  const enter = (entry: Omit<Entry, 'at'>): void => {
    const at = entries.length;
    known.add(entry.claim, at);
    entries.push({ ...entry, at });
  };

  for (const [memory, { text, observedAt }] of memories.entries()) {
    if (text.length > maxMemory) {
      longMemories += 1;
      continue;
    }
    for (const name of namesIn(text)) names.add(name);
    enter({ claim: parseFact(text, people), target: { memory }, observedAt, live: true });
  }

  const changedBy = (entry: Entry, turn: number): ProposedChange | undefined =>
    entry.changeThisTurn?.turn === turn ? changes[entry.changeThisTurn.change] : undefined;

  /** A second change of the same turn to the same memory becomes one with the first. */
  const revise = (entry: Entry, { turn, observedAt, ...at }: Origin, revision: Revision): void => {
    const earlier = changedBy(entry, turn);
    const change = earlier && entry.changeThisTurn ? entry.changeThisTurn.change : changes.length;
    changes[change] = merged(earlier, { turn, target: entry.target, ...at, ...revision });
    entry.changeThisTurn = { turn, change };
    entry.live = revision.type !== 'DELETE';
    entry.observedAt = Math.max(entry.observedAt, observedAt);
    if (revision.type !== 'UPDATE') return;
    entry.claim = parseFact(revision.text, people);
    known.add(entry.claim, entry.at);
  };

  const live: ClaimAt = (at) => {
    const entry = entries[at];
    return entry?.live ? entry.claim : undefined;
  };

  /** What the turn itself took back can still be what its next words replace. */
  const replaceable =
    (turn: number): ClaimAt =>
    (at) => {
      const entry = entries[at];
      if (!entry || entry.live) return entry?.claim;
      return changedBy(entry, turn)?.type === 'DELETE' ? asEnded(entry.claim) : undefined;
    };

  /** What a turn itself added is not there yet to be pointed at. */
  const isTarget = (entry: Entry, turn: number): boolean =>
    'memory' in entry.target || changes[entry.target.change]?.turn !== turn;

  /** The same reason about the same memory is given once a turn. */
  const none = ({ turn, observedAt: _, ...at }: Origin, reason: string, entry?: Entry): void => {
    const target = entry && isTarget(entry, turn) ? { target: entry.target } : {};
    const key = JSON.stringify([turn, reason, target]);
    if (!reported.has(key)) changes.push({ turn, ...at, type: 'NONE', reason, ...target });
    reported.add(key);
  };

  const add = (claim: ParsedFact, { turn, observedAt, ...at }: Origin): void => {
    const change = changes.push({ turn, type: 'ADD', text: claim.text, ...at }) - 1;
    const changeThisTurn = { turn, change };
    enter({ claim, target: { change }, observedAt, live: true, changeThisTurn });
  };

  const applyResolution = (result: Resolution, entry: Entry, origin: Origin): void => {
    if (result.type === 'NONE') none(origin, result.reason, entry);
    else if (entry.observedAt > origin.observedAt)
      none(origin, 'a newer statement is already known', entry);
    else if (result.type === 'UPDATE') revise(entry, origin, { type: 'UPDATE', text: result.text });
    else revise(entry, origin, { type: 'DELETE' });
  };

  /** A denial takes back everything it contradicts. */
  const retractContradicted = (claim: ParsedFact, origin: Origin): void => {
    for (let left = entries.length; left > 0; left -= 1) {
      const result = reconcile(claim, known, live);
      const entry = result.type === 'DELETE' ? entries[result.at] : undefined;
      if (!entry || entry.observedAt > origin.observedAt) return;
      revise(entry, origin, { type: 'DELETE' });
    }
  };

  const addFact = (text: string, origin: Origin): void => {
    const claim = parseFact(text, people);
    const result = reconcile(claim, known, replaceable(origin.turn));
    const entry = result.type === 'ADD' ? undefined : entries[result.at];
    if (entry) applyResolution(result, entry, origin);
    else add(claim, origin);
    if (result.type === 'DELETE') retractContradicted(claim, origin);
    for (const name of namesIn(text)) names.add(name);
  };

  const retract = (positions: readonly number[], origin: Origin): void => {
    if (positions.length === 0) none(origin, 'nothing known matches what is to be forgotten');
    for (const at of positions) {
      const entry = entries[at];
      if (entry?.live) revise(entry, origin, { type: 'DELETE' });
    }
  };

  /** A topic stands also for the names that what is known of it introduces: a dog named Rex, then Rex. */
  const about = (topic: string): number[] => {
    const wanted = new Set(analyze(topic.replace(/^(?:my|our|the|that|how|where|what)\b/i, '')));
    const holding = [...known.withTerms(wanted)].filter((at) => {
      const claim = live(at);
      return claim !== undefined && isSubset(wanted, claim.terms);
    });
    const introduced = new Set(
      holding.flatMap((at) => namesIn(live(at)?.text ?? '')).filter((name) => !people.has(name)),
    );
    const told =
      introduced.size === 0
        ? []
        : entries.flatMap(({ live, claim, at }) =>
            live && opensWith(claim, introduced) ? [at] : [],
          );
    return [...new Set([...holding, ...told])].sort((a, b) => a - b);
  };

  const keep = (text: string, { turn, observedAt: _, ...at }: Origin): void => {
    changes.push({ turn, type: 'ADD', text, ...at });
  };

  return {
    changes,
    longMemories,
    keep,
    names: () => names,
    addFinding(finding, origin) {
      if (finding.kind === 'fact') addFact(finding.text, origin);
      else if (finding.kind === 'topic') retract(about(finding.topic), origin);
      else if (finding.kind === 'retraction')
        retract(matching(parseFact(finding.claim, people), known, live), origin);
      else if (finding.kind === 'unread') {
        for (const piece of piecesOf(finding.text)) keep(piece, origin);
        none(origin, longMessage);
      } else none(origin, finding.reason);
    },
  };
};
