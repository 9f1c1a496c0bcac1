import { type Entity, hasEntity } from '../../../shared/domain/memory/entities.ts';
import type { MemoryView } from '../../../shared/domain/memory/memory.ts';
import {
  type History,
  isCovered,
  isForgottenBy,
  latestOf,
  type MemoryFacts,
  type TurnFacts,
  type VersionFacts,
} from './history.ts';

/** What a reader was answered, and the steps its read began and ended at. */
export interface Reading {
  how: string;
  owner: Entity;
  views: readonly MemoryView[];
  from: number;
  to: number;
}

type Complain = (what: string) => void;

const never = Number.POSITIVE_INFINITY;

/** Neither twice, nor as a turn and as what it became. */
const checkOnce = (history: History, { views }: Reading, complain: Complain): void => {
  const ids = new Set(views.map(({ id }) => id));
  if (ids.size < views.length) complain('shows one memory twice');
  const rough = new Set(views.filter((view) => view.rough).map(({ id }) => id));
  for (const view of views) {
    const { versions = [] } = history.memories.get(view.id) ?? {};
    const shown = versions.find(({ memory }) => memory.version === view.version);
    if (!view.rough && shown?.memory.lineage.some((turn) => rough.has(turn)))
      complain(`shows both memory ${view.id} and a turn it was drawn from`);
  }
};

const checkRough = (
  history: History,
  { from }: Reading,
  view: MemoryView,
  complain: Complain,
): void => {
  const facts = history.turns.get(view.id);
  if (!facts) complain(`shows turn ${view.id}, which never was`);
  else if ((facts.appliedAt ?? never) <= from)
    complain(`shows turn ${view.id} although it was refined before`);
  else if ((facts.cancelledAt ?? never) <= from)
    complain(`shows turn ${view.id} although it was cancelled before`);
  else if (isCovered(history.cutoffs, facts.turn, from))
    complain(`shows turn ${view.id} although a delete-all covered it before`);
};

const isShownIn = (versions: readonly VersionFacts[], view: MemoryView, { from, to }: Reading) => {
  const at = versions.findIndex(({ memory }) => memory.version === view.version);
  const version = versions[at];
  if (!version || version.memory.text !== view.text) return false;
  return version.at <= to && (versions[at + 1]?.at ?? never) > from;
};

const checkRefined = (
  history: History,
  reading: Reading,
  view: MemoryView,
  complain: Complain,
): void => {
  const facts = history.memories.get(view.id);
  if (!facts || (facts.publishedAt ?? never) > reading.to)
    complain(`shows memory ${view.id}, which is not there`);
  else if ((facts.deletedAt ?? never) <= reading.from)
    complain(`shows memory ${view.id} although it was deleted before`);
  else if (isForgottenBy(history.cutoffs, latestOf(facts).memory, reading.from))
    complain(`shows memory ${view.id} although a delete-all covered it before`);
  else if (!isShownIn(facts.versions, view, reading))
    complain(`shows version ${view.version} of memory ${view.id} (${view.text}), out of its time`);
};

const isExcused = (history: History, facts: MemoryFacts, to: number): boolean =>
  (facts.deletedAt ?? never) <= to || isForgottenBy(history.cutoffs, latestOf(facts).memory, to);

/** What was accepted before the read is there: as a turn, or as all that it became. */
const checkAccepted = (
  history: History,
  { to }: Reading,
  facts: TurnFacts,
  shown: ReadonlySet<string>,
  complain: Complain,
): void => {
  const { turn, cancelledAt = never, appliedAt = never } = facts;
  if (shown.has(turn.id) || cancelledAt <= to || isCovered(history.cutoffs, turn, to)) return;
  if (appliedAt > to) {
    complain(`misses turn ${turn.id}, which was accepted before`);
    return;
  }
  for (const id of turn.memoryIds ?? []) {
    const memory = history.memories.get(id);
    if (!shown.has(id) && !(memory && isExcused(history, memory, to)))
      complain(`shows neither turn ${turn.id} nor memory ${id} that it became`);
  }
};

const checkKept = (
  history: History,
  { from, to, owner }: Reading,
  facts: MemoryFacts,
  shown: ReadonlySet<string>,
  complain: Complain,
): void => {
  if ((facts.publishedAt ?? never) > from || shown.has(facts.id)) return;
  const then = facts.versions.findLast(({ at }) => at <= from);
  if (!then || !hasEntity(then.memory, owner) || isExcused(history, facts, to)) return;
  if (!facts.versions.every(({ memory }) => hasEntity(memory, owner))) return;
  complain(`misses memory ${facts.id} (${then.memory.text})`);
};

/** What every answer owes its reader: nothing twice, nothing missing, nothing that was gone when the read began. */
export const checkReading = (history: History, reading: Reading, report: Complain): void => {
  const { how, owner, views, from, to } = reading;
  const complain = (what: string): void =>
    report(`a ${how} of ${owner.kind} ${owner.id} (steps ${from} to ${to}) ${what}`);
  checkOnce(history, reading, complain);
  for (const view of views)
    if (view.rough) checkRough(history, reading, view, complain);
    else checkRefined(history, reading, view, complain);
  const shown = new Set(views.map(({ id }) => id));
  for (const facts of history.turns.values())
    if ((facts.ackedAt ?? never) <= from && hasEntity(facts.turn, owner))
      checkAccepted(history, reading, facts, shown, complain);
  for (const facts of history.memories.values())
    checkKept(history, reading, facts, shown, complain);
};
