import { RetryableError } from '../../domain/errors.ts';
import { mapConcurrent } from '../../domain/map-concurrent.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import { decodeVector, encodeVector } from '../../domain/memory/vector.ts';
import { vectorId } from '../../domain/memory/vector-id.ts';
import { closedKeys, listingKeys, memoryKey, recentKeys } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import type { IndexEntry } from '../../ports/vector-index.ts';
import { commit } from '../commit.ts';
import { versionIs } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { viewOf } from '../retrieval/view.ts';
import { put, remove, update } from '../steps.ts';
import { directReadGraceMs, oldEntriesGraceMs, resubmitAfterMs } from './index-delays.ts';
import { oldVersionEntries } from './old-versions.ts';
import { publishStaged } from './publish-staged.ts';
import { removeDeleted } from './remove-deleted.ts';

/** Interval of polling until the index shows an entry. */
const pollIntervalMs = 10_000;
/** Memories embedded and upserted per call. */
const batchSize = 100;

/** A memory, live or closed, with its due time. */
type DueMemory = Memory & { dueAt?: number };

const entryOf = (memory: Memory, vector: Float32Array | undefined, model: string): IndexEntry => {
  const view = viewOf(memory);
  return {
    id: vectorId(memory.id, memory.version),
    class: memory.state === 'closed' ? 'closed' : 'memory',
    ...(vector ? { dense: { model, vector } } : {}),
    terms: memory.terms,
    source: { key: memoryKey(memory.project, memory.id), when: versionIs(memory.version) },
    target: {
      id: memory.id,
      text: '',
      entities: memory.entities,
      ...(memory.extraEntities ? { extraEntities: memory.extraEntities } : {}),
      metadata: memory.metadata,
      categories: memory.categories,
      ...(memory.tags ? { tags: memory.tags } : {}),
      createdAt: view.createdAt,
      updatedAt: view.updatedAt,
      observedAt: view.observedAt,
      ...(memory.expiresOn === undefined ? {} : { expiresOn: memory.expiresOn }),
      ...(memory.occursOn === undefined ? {} : { occursOn: memory.occursOn }),
    },
  };
};

/** Vectors by memory id, all of one embedder. */
interface Embedded {
  model: string;
  vectors: Map<string, Float32Array>;
}

/**
 * Returns vectors of the embedder in use; memories without one are embedded in one call. When that call changes the
 * embedder's name (an `auto` dimension became known, or the model changed), vectors of the old name are made again.
 */
const vectorsOf = async (
  platform: Platform,
  project: string,
  memories: readonly DueMemory[],
  embedAll = false,
): Promise<Embedded> => {
  const { embedder } = platform;
  const asked = embedder.model;
  const vectors = new Map<string, Float32Array>();
  const missing = memories.filter(
    ({ vector, vectorModel }) => embedAll || vector === undefined || vectorModel !== asked,
  );
  const texts = missing.map(({ text }) => text);
  const made =
    texts.length === 0 ? [] : await embedder.embed(texts, { project, priority: 'batch' });
  const { model } = embedder;
  if (model !== asked && missing.length < memories.length)
    return vectorsOf(platform, project, memories, true);
  for (const [index, memory] of missing.entries()) {
    const vector = made[index];
    if (vector) vectors.set(memory.id, vector);
  }
  for (const { id, vector } of memories)
    if (!vectors.has(id) && vector !== undefined) vectors.set(id, decodeVector(vector));
  return { model, vectors };
};

const removeOldVersions = async (platform: Platform, memory: Memory): Promise<void> => {
  const entries = oldVersionEntries(memory);
  if (entries.length > 0) await platform.vectorIndex.remove(memory.project, entries);
};

const pointersOf = (memory: Memory) =>
  memory.pointer === undefined ? [] : recentKeys(memory.project, memory, memory.pointer);

/** Replaces the listing entries of a memory that a turn took back. Until then readers see by its state that it is closed. */
const moveToClosed = (memory: Memory): Step[] => [
  ...listingKeys(memory.project, memory, memory.id).map((key) => remove(key)),
  ...closedKeys(memory.project, memory, memory.id).map((key) => put(key, { memory: memory.id })),
];

/** The writes that end direct reads of a memory, with other changes of the memory. */
const endOfDirectReads = (memory: DueMemory, changes: Partial<Memory> = {}): Step[] => {
  const { project, id, version } = memory;
  const indexed = { ...changes, oldestIndexedVersion: version };
  return [
    update(memoryKey(project, id), indexed, versionIs(version), ['vector', 'dueAt', 'pointer']),
    ...pointersOf(memory).map((key) => remove(key)),
    ...(memory.state === 'closed' ? moveToClosed(memory) : []),
  ];
};

/**
 * Ends direct reads of a memory whose entry has been visible for long enough. Entries of older versions are removed only
 * now: a search that read the pointers before this version was written finds the memory through an older entry.
 */
const endDirectReads = async (platform: Platform, memory: DueMemory): Promise<void> => {
  await removeOldVersions(platform, memory);
  await commit(platform, endOfDirectReads(memory));
};

/** How long direct reads of a memory go on after its entry was first visible, ms. */
const graceOf = ({ vectorIndex }: Platform, memory: Memory): number =>
  Math.max(
    directReadGraceMs(vectorIndex),
    oldVersionEntries(memory).length > 0 ? oldEntriesGraceMs : 0,
  );

/** The next due time: the end of direct reads for a visible entry, else the next poll. */
const nextCheck = (
  platform: Platform,
  memory: Memory,
  isEntryVisible: boolean | undefined,
  now: number,
) =>
  isEntryVisible
    ? { visibleAt: now, dueAt: now + graceOf(platform, memory) }
    : { dueAt: now + pollIntervalMs };

/** Hints at the memories when their next check is due, so that it waits for no sweep. */
const hintLater = async (
  platform: Platform,
  project: string,
  checked: readonly { memory: DueMemory; isVisible: boolean }[],
): Promise<void> => {
  const byDelay = Map.groupBy(checked, ({ memory, isVisible }) =>
    isVisible ? graceOf(platform, memory) : pollIntervalMs,
  );
  for (const [delayMs, due] of byDelay) {
    const ids = due.map(({ memory }) => memory.id);
    await enqueueHints(platform, hints.indexAll(project, ids), delayMs);
  }
};

const indexRef = (memory: Memory) => ({
  ...memory,
  id: vectorId(memory.id, memory.version),
});

/**
 * Submits the current versions to the index and records on each memory what was submitted, and whether it is visible. Without a grace
 * direct reads end in the same transaction.
 */
const upsert = async (
  platform: Platform,
  project: string,
  memories: readonly DueMemory[],
): Promise<void> => {
  const { vectorIndex, clock } = platform;
  const { model, vectors } = await vectorsOf(platform, project, memories);
  const entries = memories.map((memory) => entryOf(memory, vectors.get(memory.id), model));
  await vectorIndex.upsert(project, entries);
  const visible = await vectorIndex.areVisible(project, memories.map(indexRef));
  const now = clock.now();

  const endsNow = (memory: DueMemory, isVisible: boolean): boolean =>
    isVisible && graceOf(platform, memory) === 0;

  const record = async (memory: DueMemory, isVisible: boolean): Promise<void> => {
    const submitted = { indexedVersion: memory.version, submittedAt: now, vectorModel: model };
    const vector = vectors.get(memory.id);
    const unsettled = {
      ...submitted,
      ...(vector ? { vector: encodeVector(vector) } : {}),
      ...nextCheck(platform, memory, isVisible, now),
    };
    const { committed } = await commit(
      platform,
      endsNow(memory, isVisible)
        ? endOfDirectReads(memory, { ...submitted, visibleAt: now })
        : [update(memoryKey(project, memory.id), unsettled, versionIs(memory.version))],
    );
    // A newer version was committed meanwhile: the submitted entry is out of date.
    if (!committed) await vectorIndex.remove(project, [indexRef(memory)]);
  };

  const checked = memories.map((memory, index) => ({ memory, isVisible: visible[index] === true }));
  await Promise.all(checked.map(({ memory, isVisible }) => record(memory, isVisible)));
  await hintLater(
    platform,
    project,
    checked.filter(({ memory, isVisible }) => !endsNow(memory, isVisible)),
  );
};

/** Whether the current version was submitted; the entry may not be visible yet. */
const isSubmitted = ({ version, indexedVersion, vectorModel }: Memory, { embedder }: Platform) =>
  indexedVersion === version && vectorModel === embedder.model;

/** Polls the index for submitted entries and records the result. Returns the memories whose entries seem lost. */
const checkVisibility = async (
  platform: Platform,
  project: string,
  submitted: readonly DueMemory[],
): Promise<DueMemory[]> => {
  if (submitted.length === 0) return [];
  const visible = await platform.vectorIndex.areVisible(project, submitted.map(indexRef));
  const now = platform.clock.now();
  const isLost = ({ submittedAt = 0 }: DueMemory, index: number): boolean =>
    !visible[index] && submittedAt + resubmitAfterMs <= now;
  await Promise.all(
    submitted.map(async (memory, index) => {
      if (isLost(memory, index)) return;
      const checked = update(
        memoryKey(project, memory.id),
        nextCheck(platform, memory, visible[index], now),
        versionIs(memory.version),
      );
      await commit(platform, [checked]);
    }),
  );
  const lost = new Set(submitted.filter(isLost));
  const kept = submitted.flatMap((memory, index) =>
    lost.has(memory) ? [] : [{ memory, isVisible: visible[index] === true }],
  );
  await hintLater(platform, project, kept);
  return [...lost];
};

const isVisible = ({ version, indexedVersion, visibleAt }: Memory): boolean =>
  indexedVersion === version && visibleAt !== undefined;

/** Does what a due memory that is not deleted requires. Returns true when its current version has to be submitted or polled for. */
const needsIndexing = async (platform: Platform, memory: DueMemory): Promise<boolean> => {
  if (!(await publishStaged(platform, memory))) return false;
  if (!isVisible(memory) || memory.vectorModel !== platform.embedder.model) return true;
  const now = platform.clock.now();
  const readyAt = (memory.visibleAt ?? now) + graceOf(platform, memory);
  if (readyAt <= now) await endDirectReads(platform, memory);
  return false;
};

const syncTogether = async (
  platform: Platform,
  project: string,
  ids: readonly string[],
): Promise<void> => {
  const items = await platform.store.getMany(ids.map((id) => memoryKey(project, id)));
  const due = items.flatMap((memory) => (memory?.dueAt === undefined ? [] : [memory]));
  const deleted = due.filter(({ state }) => state === 'deleted');
  await removeDeleted(platform, project, deleted);
  const kept = due.filter((memory) => !deleted.includes(memory));
  const isBehind = await mapConcurrent(kept, (memory) => needsIndexing(platform, memory));
  const behind = kept.filter((_, index) => isBehind[index]);
  const submitted = behind.filter((memory) => isSubmitted(memory, platform));
  const lost = await checkVisibility(platform, project, submitted);
  const toSubmit = [...behind.filter((memory) => !submitted.includes(memory)), ...lost];
  for (let i = 0; i < toSubmit.length; i += batchSize)
    await upsert(platform, project, toSubmit.slice(i, i + batchSize));
};

/**
 * Brings the index up to date with the store for the given memories and skips memories that are not due. Safe to repeat
 * and to run concurrently: an entry's id holds its version, and each write is conditional on the version. When it throws
 * or crashes, memories that are behind keep their due time. A memory that can never be indexed does not hold up others.
 * @throws RetryableError when the index, the embedder or the store cannot be reached
 */
export const syncIndex = async (
  platform: Platform,
  project: string,
  ids: readonly string[],
): Promise<void> => {
  const distinct = [...new Set(ids)];
  try {
    await syncTogether(platform, project, distinct);
  } catch (error) {
    if (error instanceof RetryableError || distinct.length === 1) throw error;
    const each = distinct.map((id) => syncTogether(platform, project, [id]));
    for (const result of await Promise.allSettled(each))
      if (result.status === 'rejected') throw result.reason;
  }
};
