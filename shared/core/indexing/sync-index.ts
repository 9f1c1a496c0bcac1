import { toErrorInfo } from '../../domain/errors.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import { decodeVector, encodeVector } from '../../domain/memory/vector.ts';
import { vectorId } from '../../domain/memory/vector-id.ts';
import { listingKeys, memoryKey, recentKeys, retractedKeys } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { IndexEntry } from '../../ports/vector-index.ts';
import { commit } from '../commit.ts';
import { versionIs } from '../conditions.ts';
import { eraseCopies } from '../erasure/erase-memory.ts';
import { viewOf } from '../retrieval/view.ts';
import { put, remove, update } from '../steps.ts';
import { publishStaged } from './publish-staged.ts';

/** An index that does not show yet what it was given is asked again after this. */
const pollIntervalMs = 2_000;
/** One that still does not show it after this has lost it, and is given it again. */
const resubmitAfterMs = 60_000;
/** Memories embedded and written at a time. */
const batchSize = 100;
/** Direct reads go on for this long after the index was first seen to hold a version. */
const directReadGraceMs = 60_000;

type Live = Memory & { dueAt?: number };

const entryOf = (memory: Memory, vector: Float32Array | undefined, model: string): IndexEntry => {
  const view = viewOf(memory);
  return {
    id: vectorId(memory.id, memory.version),
    ...(vector ? { dense: { model, vector } } : {}),
    terms: memory.terms,
    target: {
      id: memory.id,
      text: '',
      entities: memory.entities,
      ...(memory.extraEntities ? { extraEntities: memory.extraEntities } : {}),
      metadata: memory.metadata,
      categories: memory.categories,
      createdAt: view.createdAt,
      updatedAt: view.updatedAt,
      observedAt: view.observedAt,
      ...(memory.expiresOn === undefined ? {} : { expiresOn: memory.expiresOn }),
    },
  };
};

/** Vectors of memories, and the embedder that all of them are of. */
interface Embedded {
  model: string;
  vectors: Map<string, Float32Array>;
}

/**
 * The vectors of memories by the embedder in use; those that have none yet are embedded in one call. Where its answer
 * shows that the embedder has become another, vectors of the one before are made again.
 */
const vectorsOf = async (
  platform: Platform,
  project: string,
  memories: readonly Live[],
  areAllOther = false,
): Promise<Embedded> => {
  const { embedder } = platform;
  const asked = embedder.model;
  const vectors = new Map<string, Float32Array>();
  const missing = memories.filter(
    ({ vector, vectorModel }) => areAllOther || vector === undefined || vectorModel !== asked,
  );
  const texts = missing.map(({ text }) => text);
  const made = texts.length === 0 ? [] : await embedder.embed(texts, { project });
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

/** Entries the index may hold besides the one of a live memory's version: any version may have been given to it. */
const oldVersionEntries = ({
  id,
  entities,
  extraEntities,
  version,
  state,
  oldestIndexedVersion = 1,
}: Memory) => {
  const end = state === 'live' ? version : version + 1;
  return Array.from({ length: Math.max(0, end - oldestIndexedVersion) }, (_, index) => ({
    id: vectorId(id, oldestIndexedVersion + index),
    entities,
    ...(extraEntities ? { extraEntities } : {}),
  }));
};

const removeOldVersions = async (platform: Platform, memory: Memory): Promise<void> => {
  const former = oldVersionEntries(memory);
  if (former.length > 0) await platform.vectorIndex.remove(memory.project, former);
};

const pointersOf = (memory: Memory) =>
  memory.pointer === undefined ? [] : recentKeys(memory.project, memory, memory.pointer);

/**
 * Direct reads end: the index was seen to hold this version long enough ago. Only now may entries of older versions go: until
 * every reader sees the new one, they are what leads to the memory whoever read the pointers before it was written.
 */
const endDirectReads = async (platform: Platform, memory: Live): Promise<void> => {
  const { project, id, version } = memory;
  await removeOldVersions(platform, memory);
  const settled = { oldestIndexedVersion: version };
  await commit(platform, [
    update(memoryKey(project, id), settled, versionIs(version), ['vector', 'dueAt', 'pointer']),
    ...pointersOf(memory).map((key) => remove(key)),
  ]);
};

/** When to look at it next: to end direct reads, or, while it is not shown, to ask again. */
const nextCheck = (isShown: boolean | undefined, now: number) =>
  isShown ? { visibleAt: now, dueAt: now + directReadGraceMs } : { dueAt: now + pollIntervalMs };

const namedEntry = (memory: Memory) => ({
  ...memory,
  id: vectorId(memory.id, memory.version),
});

/** Gives the index the current versions; records what it was given, and from when on it was seen to show it. */
const upsert = async (
  platform: Platform,
  project: string,
  memories: readonly Live[],
): Promise<void> => {
  const { vectorIndex, clock } = platform;
  const { model, vectors } = await vectorsOf(platform, project, memories);
  const entries = memories.map((memory) => entryOf(memory, vectors.get(memory.id), model));
  await vectorIndex.upsert(project, entries);
  const shown = await vectorIndex.areVisible(project, memories.map(namedEntry));
  const now = clock.now();
  await Promise.all(
    memories.map(async (memory, index) => {
      const vector = vectors.get(memory.id);
      const written = {
        indexedVersion: memory.version,
        submittedAt: now,
        vectorModel: model,
        ...(vector ? { vector: encodeVector(vector) } : {}),
        ...nextCheck(shown[index], now),
      };
      const { committed } = await commit(platform, [
        update(memoryKey(project, memory.id), written, versionIs(memory.version)),
      ]);
      // Someone wrote a newer version meanwhile: what we gave the index is out of date.
      if (!committed) await vectorIndex.remove(project, [namedEntry(memory)]);
    }),
  );
};

/** The index has this very entry, but was not seen to show it yet. */
const isSubmitted = ({ version, indexedVersion, vectorModel }: Memory, { embedder }: Platform) =>
  indexedVersion === version && vectorModel === embedder.model;

/** Asks whether the index shows by now what it was given; those that it seems to have lost. */
const checkVisibility = async (
  platform: Platform,
  project: string,
  given: readonly Live[],
): Promise<Live[]> => {
  if (given.length === 0) return [];
  const shown = await platform.vectorIndex.areVisible(project, given.map(namedEntry));
  const now = platform.clock.now();
  const isLost = ({ submittedAt = 0 }: Live, index: number): boolean =>
    !shown[index] && submittedAt + resubmitAfterMs <= now;
  await Promise.all(
    given.map(async (memory, index) => {
      if (isLost(memory, index)) return;
      const look = update(
        memoryKey(project, memory.id),
        nextCheck(shown[index], now),
        versionIs(memory.version),
      );
      await commit(platform, [look]);
    }),
  );
  return given.filter(isLost);
};

/**
 * Takes a deleted memory out of the index and off every listing; out of the index a second time once nobody who read it
 * alive can still be writing it there.
 */
const removeDeleted = async (platform: Platform, memory: Live): Promise<void> => {
  const { project, id, version, visibleAt } = memory;
  const key = memoryKey(project, id);
  const now = platform.clock.now();
  if (visibleAt !== undefined && now < visibleAt + directReadGraceMs) return;
  await removeOldVersions(platform, memory);
  if (memory.erasing) await eraseCopies(platform, memory);
  if (visibleAt !== undefined) {
    await commit(platform, [update(key, {}, versionIs(version), ['dueAt', 'visibleAt'])]);
    return;
  }
  const listings = [...listingKeys(project, memory, id), ...pointersOf(memory)];
  const retracted = memory.retracted ? retractedKeys(project, memory, id) : [];
  const again = { visibleAt: now, dueAt: now + directReadGraceMs };
  await commit(platform, [
    update(key, again, versionIs(version), ['pointer']),
    ...listings.map((listing) => remove(listing)),
    ...retracted.map((listing) => put(listing, { memory: id })),
  ]);
};

const isVisible = ({ version, indexedVersion, visibleAt }: Memory): boolean =>
  indexedVersion === version && visibleAt !== undefined;

/** Does what the memory's state asks for; true when the index is to be given its current version. */
const needsIndexing = async (platform: Platform, memory: Live): Promise<boolean> => {
  if (memory.state === 'deleted') {
    await removeDeleted(platform, memory);
    return false;
  }
  if (!(await publishStaged(platform, memory))) return false;
  if (!isVisible(memory) || memory.vectorModel !== platform.embedder.model) return true;
  const now = platform.clock.now();
  if ((memory.visibleAt ?? now) + directReadGraceMs <= now) await endDirectReads(platform, memory);
  return false;
};

/**
 * Brings the index up to the store for these memories. Nothing is lost when it throws: what is behind keeps its due time.
 * @throws RetryableError when the index, the embedder or the store cannot be reached
 */
export const syncIndex = async (
  platform: Platform,
  project: string,
  ids: readonly string[],
): Promise<void> => {
  const items = await platform.store.getMany(ids.map((id) => memoryKey(project, id)));
  const behind: Live[] = [];
  for (const memory of items)
    if (memory?.dueAt !== undefined && (await needsIndexing(platform, memory))) behind.push(memory);
  const given = behind.filter((memory) => isSubmitted(memory, platform));
  const lost = await checkVisibility(platform, project, given);
  const wanted = [...behind.filter((memory) => !given.includes(memory)), ...lost];
  for (let i = 0; i < wanted.length; i += batchSize)
    await upsert(platform, project, wanted.slice(i, i + batchSize));
};

/** The same, for callers that have something better to do than fail: the sweeper comes back to it. */
export const indexMemories = async (
  platform: Platform,
  project: string,
  ids: readonly string[],
): Promise<void> => {
  if (ids.length === 0) return;
  try {
    await syncIndex(platform, project, ids);
  } catch (error) {
    platform.telemetry.log('warn', 'index.sync_failed', { project, code: toErrorInfo(error).code });
  }
};
