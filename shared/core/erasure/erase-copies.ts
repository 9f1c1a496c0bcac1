import { mapConcurrent } from '../../domain/map-concurrent.ts';
import { closedVersionId, parseClosedVersionId } from '../../domain/memory/derived-ids.ts';
import { isCut } from '../../domain/memory/lineage.ts';
import type { Memory, Revision } from '../../domain/memory/memory.ts';
import { memoryKey, revisionKey, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commitTogether } from '../commit-together.ts';
import { itemExists } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { revisionsOf } from '../memories/read-memories.ts';
import { update } from '../steps.ts';
import { erasureBytes } from '../store-limits.ts';
import { remainsDays, retention } from '../ttl.ts';
import { eraseDerived } from './erase-derived.ts';
import { eraseRestatements } from './erase-restatements.ts';
import { eraseSourceTurns, type SourceTurn } from './erase-source-turns.ts';
import { type ErasedEvent, eraseFromChanges } from './erase-turn.ts';
import { eraseVersions } from './erase-versions.ts';
import { type Erasure, redactOutboxes } from './redact-outboxes.ts';
import { closedTombstoneWrites } from './tombstone.ts';

/** Turns, and lists of changes, read at once; each may be large. */
const itemsPerRead = 64;

/** Versions up to which the revisions of a memory are read by their keys, together with those of other memories. */
const maxKeyedVersion = 8;

/** Reads the revisions of memories: of those with few versions in one read, of the others one by one. */
const readHistories = async (
  platform: Platform,
  project: string,
  memories: readonly Memory[],
): Promise<Erasure[]> => {
  const readByKey = memories.filter(({ version }) => version <= maxKeyedVersion);
  const readByQuery = memories.filter(({ version }) => version > maxKeyedVersion);
  const keys = readByKey.flatMap(({ id, version }) =>
    Array.from({ length: version }, (_, index) => revisionKey(project, id, index + 1)),
  );
  const items = await platform.store.getMany(keys);
  const found = Map.groupBy(
    items.filter((item) => item !== undefined),
    ({ memory }) => memory,
  );
  return [
    ...readByKey.map((memory) => ({ memory, revisions: found.get(memory.id) ?? [] })),
    ...(await mapConcurrent(readByQuery, async (memory) => ({
      memory,
      revisions: await revisionsOf(platform, project, memory.id),
    }))),
  ];
};

const hasText = ({ oldText, newText }: Revision): boolean =>
  oldText !== undefined || newText !== undefined;

const eraseRevisions = async (
  platform: Platform,
  project: string,
  all: readonly Erasure[],
): Promise<void> => {
  const erased = { metadata: {}, ...retention(remainsDays, platform.clock.now()) };
  const revisions = all.flatMap((one) => one.revisions.filter(hasText));
  await commitTogether(
    platform,
    revisions.map((revision) => {
      const key = revisionKey(project, revision.memory, revision.version);
      const steps = [update(key, erased, itemExists, ['oldText', 'newText'])];
      return { subject: key, steps, bytes: erasureBytes(revision) };
    }),
  );
};

/** Ids of the closed versions that a memory may have: one for each revision by which a turn replaced the text. */
export const closedVersionIds = ({ memory, revisions }: Erasure): string[] =>
  revisions.flatMap(({ type, turn, version }) =>
    type === 'UPDATE' && turn !== undefined ? [closedVersionId(memory.id, version - 1)] : [],
  );

/** Deletes the closed versions of memories. The indexer erases what is left of each. */
const deleteClosedVersions = async (
  platform: Platform,
  project: string,
  all: readonly Erasure[],
): Promise<void> => {
  let ids = all.flatMap(closedVersionIds);
  while (ids.length > 0) {
    const memories = await platform.store.getMany(ids.map((id) => memoryKey(project, id)));
    const closed = memories.flatMap((memory) => (memory?.state === 'closed' ? [memory] : []));
    const writes = closed.map((memory) => closedTombstoneWrites(platform, memory));
    const { committed, refused } = await commitTogether(platform, writes);
    const deleted = committed.map(({ id }) => id);
    await enqueueHints(platform, hints.indexAll(project, deleted));
    ids = refused.map(({ id }) => id);
  }
};

const inChunks = async <T>(all: readonly T[], work: (some: readonly T[]) => Promise<unknown>) => {
  for (let at = 0; at < all.length; at += itemsPerRead)
    await work(all.slice(at, at + itemsPerRead));
};

type IdsByName = Map<string, Set<string>>;

const addTo = (names: IdsByName, name: string, id: string): void => {
  names.set(name, (names.get(name) ?? new Set()).add(id));
};

/**
 * Erases a few turns and their changes as far as they concern the memories; the other events stay in `byEvent`. Returns the turns
 * that lost words.
 */
const eraseTurns = async (
  platform: Platform,
  project: string,
  byTurn: readonly (readonly [turn: string, ids: ReadonlySet<string>])[],
  byEvent: IdsByName,
  deleted: ReadonlyMap<string, Memory>,
): Promise<ReadonlySet<string>> => {
  const read = await platform.store.getMany(byTurn.map(([turn]) => turnKey(project, turn)));
  const sources: SourceTurn[] = [];
  for (const [index, turn] of read.entries()) {
    if (!turn) continue;
    const ids = [...(byTurn[index]?.[1] ?? [])];
    for (const id of ids) addTo(byEvent, turn.event, id);
    const memories = ids.flatMap((id) => deleted.get(id) ?? []);
    const withMessage = memories.filter(({ deletedMessage }) => deletedMessage !== undefined);
    const deletedMessages = withMessage.flatMap(({ deletedMessage = 0, deletedIn, lineage }) =>
      (deletedIn ?? lineage[0]) === turn.id ? [deletedMessage] : [],
    );
    sources.push({ turn, deletedMessages, keepsTurnText: withMessage.length === ids.length });
  }
  const erased = await eraseSourceTurns(platform, project, sources, new Set(deleted.keys()));
  const events = sources.map(({ turn: { id, event } }): ErasedEvent => {
    const memories = byEvent.get(event) ?? new Set<string>();
    byEvent.delete(event);
    return { event, memories, reasons: erased.has(id) };
  });
  await eraseFromChanges(platform, project, events);
  return erased;
};

/** Turns that a memory was drawn from. Restatements have those that a cut lineage lacks and that made no revision. */
const sourcesOf = ({ memory, revisions }: Erasure): Iterable<string> => {
  if (!isCut(memory)) return memory.lineage;
  const written = revisions.filter(({ type }) => type !== 'DELETE');
  return new Set([
    ...memory.lineage,
    ...Object.values(memory.namedSince ?? {}),
    ...written.flatMap(({ turn }) => turn ?? []),
  ]);
};

const eraseSources = async (
  platform: Platform,
  project: string,
  all: readonly Erasure[],
): Promise<string[]> => {
  const byTurn: IdsByName = new Map();
  const byEvent: IdsByName = new Map();
  for (const erasure of all) {
    const { memory, revisions } = erasure;
    for (const turn of sourcesOf(erasure)) addTo(byTurn, turn, memory.id);
    // A turn that retracted the memory is not among its sources, but the changes of that turn's event quote it.
    for (const { event } of revisions) if (event !== undefined) addTo(byEvent, event, memory.id);
  }
  const deleted = new Map(all.map(({ memory }) => [memory.id, memory]));
  const erased: string[] = [];
  await inChunks([...byTurn], async (some) => {
    erased.push(...(await eraseTurns(platform, project, some, byEvent, deleted)));
  });
  const others = [...byEvent].map(([event, memories]) => ({ event, memories }));
  await inChunks(others, (some) => eraseFromChanges(platform, project, some));
  return erased;
};

const eraseRestated = (
  platform: Platform,
  project: string,
  all: readonly Erasure[],
): Promise<string[]> =>
  eraseRestatements(
    platform,
    project,
    all.map(({ memory }) => memory),
  );

/** Exports and profiles name a closed version by its memory, whose text it was. */
const withParents = (memories: readonly Memory[]): Memory[] =>
  memories.flatMap((memory) => {
    const parent = parseClosedVersionId(memory.id)?.memory;
    return parent === undefined ? [memory] : [memory, { ...memory, id: parent }];
  });

/**
 * Erases all copies of the texts of deleted memories: in closed versions, revisions, event changes, outboxes, notifications, exports
 * and profiles, in the turns from which no other memory was drawn, and in messages of later turns that stated them once more. Items
 * that several of the memories share are redacted once. Reads only what belongs to the memories, and other memories of a turn in at
 * most three reads. Needs no index. Idempotent and resumable: the tombstones keep `erasing` and their due time until the caller has
 * unlisted them.
 * @returns ids of turns that lost words, which their due times remove from the index
 */
export const eraseCopies = async (
  platform: Platform,
  project: string,
  memories: readonly Memory[],
): Promise<string[]> => {
  const all = await readHistories(platform, project, memories);
  const ofMemories = [eraseRevisions, redactOutboxes, deleteClosedVersions];
  const ofTurns = [eraseSources, eraseRestated];
  const turns = new Set<string>();
  const parts = [
    () => eraseVersions(platform, project, memories),
    () => eraseDerived(platform, project, withParents(memories)),
    ...ofMemories.map((erase) => () => erase(platform, project, all)),
    ...ofTurns.map((erase) => async () => {
      for (const turn of await erase(platform, project, all)) turns.add(turn);
    }),
  ];
  await mapConcurrent(parts, (part) => part());
  return [...turns];
};
