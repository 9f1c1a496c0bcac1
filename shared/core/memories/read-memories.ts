import { isCutOff } from '../../domain/memory/cutoff-index.ts';
import type { Tagged } from '../../domain/memory/entities.ts';
import {
  isPublished,
  type Memory,
  type MemoryView,
  type Revision,
} from '../../domain/memory/memory.ts';
import type { Message, Turn } from '../../domain/memory/turn.ts';
import { memoryKey, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { isDeletedByCutoff, readCutoffs } from '../cutoffs.ts';
import { everyPage, itemsUpTo } from '../pagination.ts';
import { readTurns } from '../retrieval/recent.ts';
import { roughView, viewOf } from '../retrieval/view.ts';
import { jsonBytes } from '../store-limits.ts';

/** What stands under an id: a live memory, or a turn with its state. */
export type MemoryOrTurn = { memory: Memory } | { turn: Turn };

const isVisible = async ({ store }: Platform, memory: Memory): Promise<boolean> => {
  const { project, stagedBy } = memory;
  return !stagedBy || isPublished(memory, await store.get(turnKey(project, stagedBy.turn)));
};

/** Undefined when nothing visible stands there: never was, deleted, cancelled, or older than a delete-all. */
export const findById = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<MemoryOrTurn | undefined> => {
  const [memory, turn] = await Promise.all([
    platform.store.get(memoryKey(project, id)),
    platform.store.get(turnKey(project, id)),
  ]);
  if (memory) {
    if (memory.state !== 'live' || !(await isVisible(platform, memory))) return undefined;
    const { cutoffs } = await readCutoffs(platform, project, [memory]);
    return isDeletedByCutoff(memory, cutoffs) ? undefined : { memory };
  }
  if (!turn || turn.state === 'cancelled' || turn.erased) return undefined;
  const { cutoffs } = await readCutoffs(platform, project, [turn]);
  return isCutOff(turn, cutoffs) ? undefined : { turn };
};

/** `refined`: the id was a rough memory, which became these. */
export type FoundMemory =
  | { found: 'memory'; memory: MemoryView }
  | { found: 'refined'; memories: string[] };

export const getMemory = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<FoundMemory | undefined> => {
  const subject = await findById(platform, project, id);
  if (!subject) return undefined;
  if ('memory' in subject) return { found: 'memory', memory: viewOf(subject.memory) };
  const { turn } = subject;
  if (turn.state === 'applied') return { found: 'refined', memories: turn.memoryIds ?? [] };
  return { found: 'memory', memory: roughView(turn) };
};

/** A revision with the messages it was drawn from. */
export interface RevisionView extends Revision, Tagged {
  input: Message[];
  categories: string[];
}

/** Oldest first. */
export const revisionsOf = async (
  { store }: Platform,
  project: string,
  id: string,
): Promise<Revision[]> => {
  const { pk } = memoryKey(project, id);
  const revisions = await everyPage((from) =>
    store.query({ kind: 'REV', pk, prefix: 'REV#', ...from }),
  );
  return revisions.map(({ item }) => item);
};

/** Any number of edits may have been made, each with two texts and the turn behind it. */
const maxRevisions = 100;
const maxHistoryBytes = 3_000_000;
const sourcesAtOnce = 10;

const withSources = async (
  platform: Platform,
  { project, entities, categories }: Memory,
  revisions: readonly Revision[],
): Promise<RevisionView[]> => {
  const sources = revisions.flatMap(({ turn }) => (turn === undefined ? [] : [turn]));
  const turns = await readTurns(platform, project, [...new Set(sources)]);
  const inputs = new Map(turns.map((turn) => [turn.id, turn.messages]));
  return revisions.map((revision) => ({
    ...revision,
    input: inputs.get(revision.turn ?? '') ?? [],
    entities,
    categories,
  }));
};

/**
 * The newest revisions, oldest first, as many as one answer takes; of a deleted memory what is left: that it was, without
 * its texts. Undefined when there never was one.
 */
export const historyOf = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<RevisionView[] | undefined> => {
  const memory = await platform.store.get(memoryKey(project, id));
  if (!memory || !(await isVisible(platform, memory))) return undefined;
  const { cutoffs } = await readCutoffs(platform, project, [memory]);
  if (isDeletedByCutoff(memory, cutoffs)) return undefined;
  const { pk } = memoryKey(project, id);
  const newest = await itemsUpTo(maxRevisions, (range) =>
    platform.store.query({ kind: 'REV', pk, prefix: 'REV#', newestFirst: true, ...range }),
  );
  const views: RevisionView[] = [];
  let bytes = 0;
  for (let at = 0; at < newest.length && bytes < maxHistoryBytes; at += sourcesAtOnce) {
    const some = newest.slice(at, at + sourcesAtOnce).map(({ item }) => item);
    const read = await withSources(platform, memory, some);
    views.push(...read);
    bytes += jsonBytes(read);
  }
  return views.reverse();
};
