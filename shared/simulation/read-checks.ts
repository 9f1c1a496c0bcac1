import { messagesOf } from '../core/retrieval/messages.ts';
import { messageId, parseMessageId } from '../domain/memory/derived-ids.ts';
import { type Entity, hasEntity } from '../domain/memory/entities.ts';
import type { MemoryView, ScoredMemory } from '../domain/memory/memory.ts';
import {
  type History,
  isMemoryCovered,
  isTurnCovered,
  latestOf,
  type MemoryFacts,
  type TurnFacts,
  type VersionFacts,
} from './history.ts';

/** Response of a read, with the steps at which the read began and ended. */
export interface ReadRecord {
  method: string;
  owner: Entity;
  /** Results, each with the ids of those that say the same and were left out. */
  views: readonly (MemoryView & Pick<ScoredMemory, 'duplicates'>)[];
  from: number;
  to: number;
}

type Report = (what: string) => void;

const never = Number.POSITIVE_INFINITY;

/** No memory appears twice, nor together with a turn that it was refined from. */
const checkOnce = (history: History, { views }: ReadRecord, report: Report): void => {
  const ids = new Set(views.map(({ id }) => id));
  if (ids.size < views.length) report('shows one memory twice');
  const rough = new Set(views.filter((view) => view.rough).map(({ id }) => id));
  for (const view of views) {
    const { versions = [] } = history.memories.get(view.id) ?? {};
    const shown = versions.find(({ memory }) => memory.version === view.version);
    if (!view.rough && shown?.memory.lineage.some((turn) => rough.has(turn)))
      report(`shows both memory ${view.id} and a turn it was drawn from`);
  }
  for (const view of views) if (view.message) checkNotBoth(history, view, ids, report);
};

/** A message is no result beside a memory that it states. */
const checkNotBoth = (
  history: History,
  view: MemoryView,
  shown: ReadonlySet<string>,
  report: Report,
): void => {
  const { turn, position } = parseMessageId(view.id) ?? {};
  const drawn = history.turns.get(turn ?? '')?.turn.drawn?.[String(position)] ?? {};
  for (const [id, version] of Object.entries(drawn)) {
    const memory = history.memories.get(id);
    if (shown.has(id) && memory?.versions.at(-1)?.memory.textVersion === version)
      report(`shows both memory ${id} and its message ${view.id}`);
  }
};

/** Whether a memory had the text of that version at a step, and was neither closed nor erased. */
const mayStillState = (history: History, id: string, version: number, at: number): boolean => {
  const known = history.memories.get(id);
  const then = known?.versions.findLast((facts) => facts.at <= at)?.memory;
  if (!known || !then) return true;
  if (isMemoryCovered(history.cutoffs, latestOf(known).memory, at)) return false;
  return then.state === 'live' && then.textVersion === version;
};

/** A message is shown only of an applied turn, and only as long as every memory that it states is current. */
const checkMessage = (
  history: History,
  { from, to }: ReadRecord,
  view: MemoryView,
  report: Report,
): void => {
  const { turn: id = '', position } = parseMessageId(view.id) ?? {};
  const facts = history.turns.get(id);
  if (!facts || (facts.appliedAt ?? never) > to) {
    report(`shows message ${view.id} of a turn that is not refined`);
    return;
  }
  if (isTurnCovered(history.cutoffs, facts.turn, from))
    report(`shows message ${view.id} although a delete-all covered it before`);
  if ((facts.erasedAt ?? never) <= from)
    report(`shows message ${view.id} although its text was erased before`);
  for (const [memory, version] of Object.entries(facts.turn.drawn?.[String(position)] ?? {}))
    if (!mayStillState(history, memory, version, from))
      report(`shows message ${view.id}, although memory ${memory} was changed or erased before`);
};

const checkRough = (
  history: History,
  { from }: ReadRecord,
  view: MemoryView,
  report: Report,
): void => {
  const facts = history.turns.get(view.id);
  if (!facts) report(`shows turn ${view.id}, which never existed`);
  else if ((facts.appliedAt ?? never) <= from)
    report(`shows turn ${view.id} although it was refined before`);
  else if ((facts.cancelledAt ?? never) <= from)
    report(`shows turn ${view.id} although it was cancelled before`);
  else if (isTurnCovered(history.cutoffs, facts.turn, from))
    report(`shows turn ${view.id} although a delete-all covered it before`);
};

const isShownIn = (
  versions: readonly VersionFacts[],
  view: MemoryView,
  { from, to }: ReadRecord,
) => {
  const at = versions.findIndex(({ memory }) => memory.version === view.version);
  const version = versions[at];
  if (!version || version.memory.text !== view.text) return false;
  return version.at <= to && (versions[at + 1]?.at ?? never) > from;
};

const checkRefined = (
  history: History,
  record: ReadRecord,
  view: MemoryView,
  report: Report,
): void => {
  const facts = history.memories.get(view.id);
  if (!facts || (facts.publishedAt ?? never) > record.to)
    report(`shows memory ${view.id}, which is not there`);
  else if ((facts.deletedAt ?? never) <= record.from)
    report(`shows memory ${view.id} although it was deleted before`);
  else if (isMemoryCovered(history.cutoffs, latestOf(facts).memory, record.from))
    report(`shows memory ${view.id} although a delete-all covered it before`);
  else if (!isShownIn(facts.versions, view, record))
    report(
      `shows version ${view.version} of memory ${view.id} (${view.text}), which was not current during the read`,
    );
};

const isExcused = (history: History, facts: MemoryFacts, to: number): boolean =>
  (facts.deletedAt ?? never) <= to || isMemoryCovered(history.cutoffs, latestOf(facts).memory, to);

/** A search shows the message of a turn that taught nothing. */
const checkTaught = (
  history: History,
  { method, to }: ReadRecord,
  { turn, erasedAt = never }: TurnFacts,
  shown: ReadonlySet<string>,
  report: Report,
): void => {
  if (method !== 'search' || erasedAt <= to) return;
  if (isTurnCovered(history.cutoffs, turn, to)) return;
  for (const { position } of messagesOf(turn))
    if (!turn.drawn?.[String(position)] && !shown.has(messageId(turn.id, position)))
      report(`misses message ${position} of turn ${turn.id}, which taught nothing`);
};

/** A turn acknowledged before the read appears as rough memory or as all memories it was refined into (read your writes). */
const checkAccepted = (
  history: History,
  record: ReadRecord,
  facts: TurnFacts,
  shown: ReadonlySet<string>,
  report: Report,
): void => {
  const { to } = record;
  const { turn, cancelledAt = never, appliedAt = never } = facts;
  if (shown.has(turn.id) || cancelledAt <= to || isTurnCovered(history.cutoffs, turn, to)) return;
  if (appliedAt > to) {
    report(`misses turn ${turn.id}, which was accepted before`);
    return;
  }
  checkTaught(history, record, facts, shown, report);
  for (const id of turn.memoryIds ?? []) {
    const memory = history.memories.get(id);
    if (!shown.has(id) && !(memory && isExcused(history, memory, to)))
      report(`shows neither turn ${turn.id} nor memory ${id} that it became`);
  }
};

const checkKept = (
  history: History,
  { from, to, owner }: ReadRecord,
  facts: MemoryFacts,
  shown: ReadonlySet<string>,
  report: Report,
): void => {
  if ((facts.publishedAt ?? never) > from || shown.has(facts.id)) return;
  const then = facts.versions.findLast(({ at }) => at <= from);
  if (!then || !hasEntity(then.memory, owner) || isExcused(history, facts, to)) return;
  if (!facts.versions.every(({ memory }) => hasEntity(memory, owner))) return;
  report(`misses memory ${facts.id} (${then.memory.text})`);
};

/**
 * Proves the guarantees of every read: no duplicates, nothing missing that was acknowledged before, and nothing that was
 * deleted before the read began.
 */
export const checkRead = (history: History, record: ReadRecord, reportTo: Report): void => {
  const { method, owner, views, from, to } = record;
  const report = (what: string): void =>
    reportTo(`a ${method} of ${owner.kind} ${owner.id} (steps ${from} to ${to}) ${what}`);
  checkOnce(history, record, report);
  for (const view of views)
    if (view.rough) checkRough(history, record, view, report);
    else if (view.message) checkMessage(history, record, view, report);
    else checkRefined(history, record, view, report);
  const shown = new Set(views.flatMap(({ id, duplicates = [] }) => [id, ...duplicates]));
  for (const facts of history.turns.values())
    if ((facts.ackedAt ?? never) <= from && hasEntity(facts.turn, owner))
      checkAccepted(history, record, facts, shown, report);
  for (const facts of history.memories.values()) checkKept(history, record, facts, shown, report);
};
