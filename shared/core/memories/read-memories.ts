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

/** Visible item under an id: a live memory, or a turn with its state. */
export type MemoryOrTurn = { memory: Memory } | { turn: Turn };

/** Whether readers may see a memory; the staging turn of a staged one is read. */
const isVisible = async ({ store }: Platform, memory: Memory): Promise<boolean> => {
  const { project, stagedBy } = memory;
  const turn = stagedBy && (await store.get(turnKey(project, stagedBy.turn)));
  return isPublished(memory, turn);
};

/**
 * Reads the visible item under an id, strongly consistent. Undefined when it never existed, was deleted or cancelled, or is
 * older than a cutoff.
 */
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

/** `refined`: the id is that of a turn, which was refined into these memories. */
export type FoundMemory =
  | { found: 'memory'; memory: MemoryView }
  | { found: 'refined'; memories: string[] };

/**
 * Returns the memory under an id, or the memories that its turn became. Strongly consistent; undefined when none is
 * visible.
 */
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

/** Reads all revisions of a memory, oldest first. */
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

/** Bounds of one answer: a memory may have any number of revisions, each with two texts and the messages of a turn. */
const maxRevisions = 100;
const maxHistoryBytes = 3_000_000;
const sourcesPerRead = 10;

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
 * Returns the newest revisions of a memory, oldest first, as many as fit one answer. Revisions of a deleted memory have no texts.
 * Undefined when the memory never existed or is older than a cutoff.
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
  for (let at = 0; at < newest.length && bytes < maxHistoryBytes; at += sourcesPerRead) {
    const some = newest.slice(at, at + sourcesPerRead).map(({ item }) => item);
    const read = await withSources(platform, memory, some);
    views.push(...read);
    bytes += jsonBytes(read);
  }
  return views.reverse();
};
