import { termsOf } from '../../domain/terms.ts';
import type { DecideRequest, ProposedChange } from '../../ports/language-model.ts';
import { type Claim, claimOf } from './claim.ts';
import { namesIn } from './known-names.ts';
import type { Finding } from './read-message.ts';
import { matching, reconcile, type Verdict } from './reconcile.ts';

interface Entry {
  claim: Claim;
  target: NonNullable<ProposedChange['target']>;
  observedAt: number;
  live: boolean;
  /** The change of the present turn that touched it, so that one turn changes a memory once. */
  touched?: { turn: number; change: number };
}

/** Where a finding comes from. */
export interface Origin {
  turn: number;
  /** Its message; absent when it is about the turn as a whole. */
  message?: number;
  observedAt: number;
}

export interface Ledger {
  changes: readonly ProposedChange[];
  /** Compares a finding with all that is known and notes the change it makes. */
  note(finding: Finding, origin: Origin): void;
  /** People and pets that what is known names. */
  names(): ReadonlySet<string>;
}

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

const asEnded = (claim: Claim): Claim => ({
  ...claim,
  terms: new Set(),
  slots: claim.slots.map((slot) => ({ ...slot, ended: true })),
});

/** What is known: the memories of a request, and what its turns have changed so far. */
export const createLedger = (
  memories: DecideRequest['memories'],
  speakers: readonly string[],
): Ledger => {
  const changes: ProposedChange[] = [];
  const names = new Set<string>();
  const said = new Set<string>();
  const entries = memories.map(({ text, observedAt }, memory): Entry => {
    for (const name of namesIn(text)) names.add(name);
    return { claim: claimOf(text, speakers), target: { memory }, observedAt, live: true };
  });

  const changedBy = (entry: Entry, turn: number): ProposedChange | undefined =>
    entry.touched?.turn === turn ? changes[entry.touched.change] : undefined;

  /** A second change of the same turn to the same memory becomes one with the first. */
  const revise = (entry: Entry, { turn, observedAt, ...at }: Origin, revision: Revision): void => {
    const earlier = changedBy(entry, turn);
    const change = earlier && entry.touched ? entry.touched.change : changes.length;
    changes[change] = merged(earlier, { turn, target: entry.target, ...at, ...revision });
    entry.touched = { turn, change };
    entry.live = revision.type !== 'DELETE';
    entry.observedAt = Math.max(entry.observedAt, observedAt);
    if (revision.type === 'UPDATE') entry.claim = claimOf(revision.text, speakers);
  };

  const live = (): (Claim | undefined)[] =>
    entries.map((entry) => (entry.live ? entry.claim : undefined));

  /** What the turn itself took back can still be what its next words replace. */
  const replaceable = (turn: number): (Claim | undefined)[] =>
    entries.map((entry) => {
      if (entry.live) return entry.claim;
      return changedBy(entry, turn)?.type === 'DELETE' ? asEnded(entry.claim) : undefined;
    });

  /** What a turn itself added is not there yet to be pointed at. */
  const isTarget = (entry: Entry, turn: number): boolean =>
    'memory' in entry.target || changes[entry.target.change]?.turn !== turn;

  /** The same reason about the same memory is given once a turn. */
  const none = ({ turn, observedAt: _, ...at }: Origin, reason: string, entry?: Entry): void => {
    const target = entry && isTarget(entry, turn) ? { target: entry.target } : {};
    const key = JSON.stringify([turn, reason, target]);
    if (!said.has(key)) changes.push({ turn, ...at, type: 'NONE', reason, ...target });
    said.add(key);
  };

  const add = (claim: Claim, { turn, observedAt, ...at }: Origin): void => {
    const change = changes.push({ turn, type: 'ADD', text: claim.text, ...at }) - 1;
    const touched = { turn, change };
    entries.push({ claim, target: { change }, observedAt, live: true, touched });
  };

  const follow = (verdict: Verdict, entry: Entry, origin: Origin): void => {
    if (verdict.type === 'NONE') none(origin, verdict.reason, entry);
    else if (entry.observedAt > origin.observedAt)
      none(origin, 'a newer statement is already known', entry);
    else if (verdict.type === 'UPDATE')
      revise(entry, origin, { type: 'UPDATE', text: verdict.text });
    else revise(entry, origin, { type: 'DELETE' });
  };

  /** A denial takes back everything it contradicts. */
  const denyRest = (claim: Claim, origin: Origin): void => {
    for (let left = entries.length; left > 0; left -= 1) {
      const verdict = reconcile(claim, live());
      const entry = verdict.type === 'DELETE' ? entries[verdict.at] : undefined;
      if (!entry || entry.observedAt > origin.observedAt) return;
      revise(entry, origin, { type: 'DELETE' });
    }
  };

  const learn = (text: string, origin: Origin): void => {
    const claim = claimOf(text, speakers);
    const verdict = reconcile(claim, replaceable(origin.turn));
    const entry = verdict.type === 'ADD' ? undefined : entries[verdict.at];
    if (entry) follow(verdict, entry, origin);
    else add(claim, origin);
    if (verdict.type === 'DELETE') denyRest(claim, origin);
    for (const name of namesIn(text)) names.add(name);
  };

  const forget = (positions: readonly number[], origin: Origin): void => {
    if (positions.length === 0) none(origin, 'nothing known matches what is to be forgotten');
    for (const at of positions) {
      const entry = entries[at];
      if (entry?.live) revise(entry, origin, { type: 'DELETE' });
    }
  };

  /** A topic stands also for the names that what is known of it introduces: a dog named Rex, then Rex. */
  const about = (topic: string): number[] => {
    const wanted = termsOf(topic.replace(/^(?:my|our|the|that|how|where|what)\b/i, ''));
    const holds = ({ live, claim }: Entry): boolean =>
      live && wanted.length > 0 && wanted.every((term) => claim.terms.has(term));
    const introduced = entries
      .filter(holds)
      .flatMap(({ claim }) => namesIn(claim.text))
      .filter((name) => !speakers.includes(name));
    return entries.flatMap((entry, at) =>
      holds(entry) ||
      (entry.live &&
        introduced.some(
          (name) =>
            entry.claim.text.startsWith(`${name} `) || entry.claim.text.startsWith(`${name}'s `),
        ))
        ? [at]
        : [],
    );
  };

  return {
    changes,
    names: () => names,
    note(finding, origin) {
      if (finding.kind === 'fact') learn(finding.text, origin);
      else if (finding.kind === 'topic') forget(about(finding.topic), origin);
      else if (finding.kind === 'retraction')
        forget(matching(claimOf(finding.claim, speakers), live()), origin);
      else none(origin, finding.reason);
    },
  };
};
