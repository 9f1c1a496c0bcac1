import { RetryableError } from '../../domain/errors.ts';
import { mapConcurrent } from '../../domain/map-concurrent.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import { vectorId } from '../../domain/memory/vector-id.ts';
import { memoryKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Submission } from '../../ports/queue.ts';
import type { IndexEntry } from '../../ports/vector-index.ts';
import { commit } from '../commit.ts';
import { entryIsOf, versionIs } from '../conditions.ts';
import { embedEntries, memoryEntry } from '../retrieval/entry-vectors.ts';
import { viewOf } from '../retrieval/view.ts';
import { update } from '../steps.ts';
import {
  type DueMemory,
  endDirectReads,
  endOfDirectReads,
  graceOf,
  hintAtUnrecorded,
  hintLater,
  indexRef,
  isFollowed,
  nextCheck,
  pollIntervalMs,
  type Unrecorded,
} from './entry-checks.ts';
import { followEntries, followedBy } from './follow-entries.ts';
import { resubmitAfterMs } from './index-delays.ts';
import { publishStaged } from './publish-staged.ts';
import { removeDeleted } from './remove-deleted.ts';

/** Memories embedded and upserted per call. */
const batchSize = 100;

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
 * Returns vectors of the embedder in use; memories that this process has not embedded yet are embedded in one call. When that call
 * changes the embedder's name (an `auto` dimension became known, or the model changed), vectors of the old name are made again.
 */
const vectorsOf = async (
  platform: Platform,
  project: string,
  memories: readonly DueMemory[],
): Promise<Embedded> => {
  const { embedder } = platform;
  const asked = embedder.model;
  const entries = memories.map(memoryEntry);
  const byEntry = await embedEntries(platform, project, entries, { priority: 'batch' });
  const { model } = embedder;
  if (model !== asked) return vectorsOf(platform, project, memories);
  const vectors = memories.flatMap((memory) => {
    const vector = byEntry.get(memoryEntry(memory).id);
    return vector ? [[memory.id, vector] as const] : [];
  });
  return { model, vectors: new Map(vectors) };
};

/** Removes the entries of memories that got a newer version meanwhile. Returns the others. */
const withoutOutdated = async (
  platform: Platform,
  project: string,
  followed: readonly DueMemory[],
): Promise<DueMemory[]> => {
  if (followed.length === 0) return [];
  const keys = followed.map(({ id }) => memoryKey(project, id));
  const current = await platform.store.getMany(keys);
  const isCurrent = ({ version }: DueMemory, index: number): boolean =>
    current[index]?.version === version;
  const outdated = followed.filter((one, index) => !isCurrent(one, index));
  if (outdated.length > 0) await platform.vectorIndex.remove(project, outdated.map(indexRef));
  return followed.filter(isCurrent);
};

/**
 * Submits the current versions to the index. Records on each memory that is due what was submitted, and whether it is visible; without a
 * grace direct reads end in the same transaction. Returns the others.
 */
const upsert = async (
  platform: Platform,
  project: string,
  memories: readonly DueMemory[],
): Promise<Unrecorded> => {
  const { vectorIndex, clock } = platform;
  // While an index elsewhere is down, no text is embedded for it again and again.
  if (!vectorIndex.isInStore && memories[0] && !isFollowed(memories[0], clock.now()))
    await vectorIndex.areVisible(project, [indexRef(memories[0])]);
  const { model, vectors } = await vectorsOf(platform, project, memories);
  const entries = memories.map((memory) => entryOf(memory, vectors.get(memory.id), model));
  await vectorIndex.upsert(project, entries);
  // Another service shows an entry after seconds: it is asked when the hint is due.
  const visible = vectorIndex.isInStore
    ? await vectorIndex.areVisible(project, memories.map(indexRef))
    : [];
  const now = clock.now();

  const endsNow = (memory: DueMemory, isVisible: boolean): boolean =>
    isVisible && graceOf(platform, memory) === 0;

  const record = async (memory: DueMemory, isVisible: boolean): Promise<void> => {
    const submitted = { indexedVersion: memory.version, submittedAt: now, vectorModel: model };
    const unsettled = { ...submitted, ...nextCheck(platform, memory, isVisible, now) };
    const { committed } = await commit(
      platform,
      endsNow(memory, isVisible)
        ? endOfDirectReads(memory, { ...submitted, visibleAt: now })
        : [update(memoryKey(project, memory.id), unsettled, entryIsOf(memory))],
    );
    // Of a memory that is indexed again the entry may be another worker's.
    if (!committed) await withoutOutdated(platform, project, [memory]);
  };

  const checked = memories.map((memory, index) => ({
    memory,
    ...(visible[index] ? { visibleAt: now } : {}),
  }));
  // A memory that would be due before hints can end its direct reads is recorded at once.
  const followed = checked.filter(({ memory }) =>
    isFollowed(memory, now + graceOf(platform, memory) + pollIntervalMs),
  );
  const recorded = checked.filter((one) => !followed.includes(one));
  await Promise.all(
    recorded.map(({ memory, visibleAt }) => record(memory, visibleAt !== undefined)),
  );
  const waiting = recorded.filter(
    ({ memory, visibleAt }) => !endsNow(memory, visibleAt !== undefined),
  );
  await hintLater(platform, project, waiting);
  const unrecorded = followed.map(({ memory }) => memory);
  return {
    memories: await withoutOutdated(platform, project, unrecorded),
    submission: { submittedAt: now, model },
  };
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
        entryIsOf(memory),
      );
      await commit(platform, [checked]);
    }),
  );
  const lost = new Set(submitted.filter(isLost));
  const kept = submitted.flatMap((memory, index) =>
    lost.has(memory) ? [] : [{ memory, ...(visible[index] ? { visibleAt: now } : {}) }],
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
  submission?: Submission,
): Promise<Unrecorded[]> => {
  const items = await platform.store.getMany(ids.map((id) => memoryKey(project, id)));
  const due = items.flatMap((memory) => (memory?.dueAt === undefined ? [] : [memory]));
  const deleted = due.filter(({ state }) => state === 'deleted');
  await removeDeleted(platform, project, deleted);
  const kept = due.filter((memory) => !deleted.includes(memory));
  const isBehind = await mapConcurrent(kept, (memory) => needsIndexing(platform, memory));
  const behind = kept.filter((_, index) => isBehind[index]);
  const followed = submission ? followedBy(platform, ids, submission, behind) : [];
  const others = behind.filter((memory) => !followed.some((one) => one.memory === memory));
  const submitted = others.filter((memory) => isSubmitted(memory, platform));
  const lost = [
    ...(await followEntries(platform, project, followed)),
    ...(await checkVisibility(platform, project, submitted)),
  ];
  const toSubmit = [...others.filter((memory) => !submitted.includes(memory)), ...lost];
  const unrecorded: Unrecorded[] = [];
  for (let i = 0; i < toSubmit.length; i += batchSize)
    unrecorded.push(await upsert(platform, project, toSubmit.slice(i, i + batchSize)));
  return unrecorded;
};

/** Part of a submission that is about one of its memories. */
const submissionOf = (
  id: string,
  ids: readonly string[],
  submission: Submission | undefined,
): Submission | undefined => {
  const version = submission?.versions[ids.indexOf(id)];
  return submission && version !== undefined ? { ...submission, versions: [version] } : undefined;
};

/**
 * Brings the index up to date with the store for the given memories and skips memories that are not due. Returns those that hints are to
 * follow. Safe to repeat and to run concurrently: an entry's id holds its version, and each write is conditional on the version. When it
 * throws or crashes, memories that are behind keep their due time. A memory that can never be indexed does not hold up others.
 * @param submission entries of the memories that were submitted before, of which the store has no record
 * @throws RetryableError when the index, the embedder or the store cannot be reached
 */
export const submitToIndex = async (
  platform: Platform,
  project: string,
  ids: readonly string[],
  submission?: Submission,
): Promise<Unrecorded[]> => {
  const distinct = [...new Set(ids)];
  try {
    return await syncTogether(platform, project, distinct, submission);
  } catch (error) {
    if (error instanceof RetryableError || distinct.length === 1) throw error;
    const each = distinct.map((id) =>
      syncTogether(platform, project, [id], submissionOf(id, ids, submission)),
    );
    const unrecorded: Unrecorded[] = [];
    let failure: unknown;
    for (const result of await Promise.allSettled(each)) {
      if (result.status === 'fulfilled') unrecorded.push(...result.value);
      else failure ??= result.reason;
    }
    if (failure === undefined) return unrecorded;
    for (const some of unrecorded) await hintAtUnrecorded(platform, project, some);
    throw failure;
  }
};

/**
 * Brings the index up to date with the store for the given memories, and hints at those that are to be followed. Safe to repeat and to run
 * concurrently; after a crash the due times lead here again.
 * @param submission entries of the memories that were submitted before, of which the store has no record
 * @throws RetryableError when the index, the embedder or the store cannot be reached
 */
export const syncIndex = async (
  platform: Platform,
  project: string,
  ids: readonly string[],
  submission?: Submission,
): Promise<void> => {
  for (const some of await submitToIndex(platform, project, ids, submission))
    await hintAtUnrecorded(platform, project, some);
};
