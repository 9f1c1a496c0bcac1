import type {
  ArchivedEndpoint,
  ArchivedEntity,
  ArchivedEvent,
  ArchivedMemory,
  ArchivedRevision,
} from '../../domain/archive.ts';
import { type Change, withoutTexts } from '../../domain/memory/change.ts';
import { parseClosedVersionId } from '../../domain/memory/derived-ids.ts';
import { isFinal } from '../../domain/memory/event.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import { searchTerms } from '../../domain/memory/search-terms.ts';
import type { Key } from '../../domain/table/items.ts';
import {
  changesKey,
  closedKeys,
  endpointKey,
  entityRecordKey,
  eventKey,
  eventListing,
  listingKeys,
  memoryKey,
  recentKeys,
  revisionKey,
} from '../../domain/table/keys.ts';
import type { Platform, WebhookPlatform } from '../../ports/platform.ts';
import type { Condition, Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { entityIsAt, memoryIsNew, versionIs } from '../conditions.ts';
import { deletedBy, readCutoffs } from '../cutoffs.ts';
import { enqueueHints, hints } from '../hints.ts';
import { check, put } from '../steps.ts';
import { retention } from '../ttl.ts';
import { recreateEndpoint } from '../webhooks/endpoints.ts';

/**
 * Outcome of a record. `exists`: an item of this id is there, perhaps a deleted one. `deleted`: a delete-all covers the record, or its memory
 * is gone. `expired`: the record is older than the service keeps such records. `refused`: the service does not accept the record.
 */
export type Restored = 'restored' | 'exists' | 'deleted' | 'expired' | 'refused';

/** Steps of one transaction, below the limit of DynamoDB. */
export const maxRestoreSteps = 99;

/** The service has no such item: none is overwritten. */
const isAbsent: Condition = { name: 'isAbsent', test: { is: 'absent' } };

/** Upper bound on the difference between the clocks of two services. */
const maxClockSkewMs = 300_000;

/**
 * Whether an id (UUIDv7) was made later than now. Refinement compares the ids of turns and writes by their time: one from the future would
 * count as newer than everything that follows.
 */
export const isFromFuture = ({ clock }: Pick<Platform, 'clock'>, id: string): boolean =>
  Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) > clock.now() + maxClockSkewMs;

/** Commits the steps. Returns whether the first condition, that the item is new, was the one that refused. */
export const commitNew = async (
  platform: Pick<Platform, 'store' | 'clock' | 'ids'>,
  steps: readonly Step[],
): Promise<'committed' | 'exists' | 'changed'> => {
  const result = await commit(platform, steps);
  if (result.committed) return 'committed';
  return result.refusals.some(({ step }) => step === 0) ? 'exists' : 'changed';
};

/** Restores the record of an entity. Safe to repeat. */
export const restoreEntity = async (
  platform: Platform,
  project: string,
  entity: ArchivedEntity,
): Promise<Restored> => {
  const record = { ...entity, revision: 0, cutoffs: [] };
  const outcome = await commitNew(platform, [
    put(entityRecordKey(project, entity), record, isAbsent),
  ]);
  return outcome === 'committed' ? 'restored' : 'exists';
};

/** The memory with what is not archived, and its entries in listings; a live one gets pointers until the index has it. */
const newMemory = (
  { ids }: Platform,
  project: string,
  archived: ArchivedMemory,
): { memory: Memory; entries: Step[] } => {
  const { id, text, speaker, observedAt } = archived;
  const terms = searchTerms({ text, observedAt, ...(speaker === undefined ? {} : { speaker }) });
  const memory: Memory = { ...archived, project, terms };
  const entryOf = (key: Key): Step => ({ op: 'put', key, item: { memory: id } });
  if (memory.state !== 'live')
    return { memory, entries: closedKeys(project, memory, id).map(entryOf) };
  const pointer = ids.next();
  const keys = [...listingKeys(project, memory, id), ...recentKeys(project, memory, pointer)];
  return { memory: { ...memory, pointer }, entries: keys.map(entryOf) };
};

/**
 * Returns a check for the memory that a closed version belongs to, which stays as it is until the version is restored; `deleted` if the
 * memory was deleted, and nothing for a memory that is no version.
 */
const checkOfOwner = async (
  { store }: Platform,
  project: string,
  id: string,
): Promise<Step[] | 'deleted'> => {
  const owner = parseClosedVersionId(id)?.memory;
  if (owner === undefined) return [];
  const key = memoryKey(project, owner);
  const memory = await store.get(key);
  if (memory?.state === 'deleted') return 'deleted';
  return [check(key, memory ? versionIs(memory.version) : isAbsent)];
};

/**
 * Restores a memory without its history. Reads find the memory at once; the index follows. Safe to repeat and to run concurrently: a memory of
 * this id, or its tombstone, stays as it is, and a concurrent delete-all covers the memory or refuses the transaction. So does the deletion
 * of the memory whose former text it is.
 */
export const restoreMemory = async (
  platform: Platform,
  project: string,
  archived: ArchivedMemory,
): Promise<Restored> => {
  if (isFromFuture(platform, archived.lastWrite)) return 'refused';
  const { memory, entries } = newMemory(platform, project, archived);
  for (;;) {
    const { cutoffs, revisions } = await readCutoffs(platform, project, [memory]);
    const checks = await checkOfOwner(platform, project, memory.id);
    if (checks === 'deleted' || deletedBy(cutoffs)(memory)) return 'deleted';
    const outcome = await commitNew(platform, [
      put(memoryKey(project, memory.id), { ...memory, dueAt: platform.clock.now() }, memoryIsNew),
      ...entries,
      ...checks,
      ...revisions.map(({ key, revision }) => check(key, entityIsAt(revision))),
    ]);
    if (outcome === 'exists') return 'exists';
    if (outcome === 'changed') continue;
    await enqueueHints(platform, [hints.index(project, memory.id)]);
    return 'restored';
  }
};

/** Restores an entry of the history of a memory that exists. Safe to repeat; a deletion that comes meanwhile erases or refuses it. */
export const restoreRevision = async (
  platform: Platform,
  project: string,
  revision: ArchivedRevision,
): Promise<Restored> => {
  const key = memoryKey(project, revision.memory);
  for (;;) {
    const memory = await platform.store.get(key);
    if (!memory || memory.state === 'deleted') return 'deleted';
    const outcome = await commitNew(platform, [
      put(revisionKey(project, revision.memory, revision.version), revision, isAbsent),
      check(key, versionIs(memory.version)),
    ]);
    if (outcome !== 'changed') return outcome === 'committed' ? 'restored' : 'exists';
  }
};

/**
 * Returns changes without the texts of memories that are not there, and a check for each of the others: a memory that is deleted
 * meanwhile refuses the transaction.
 */
const checkedChanges = async (
  { store }: Platform,
  project: string,
  changes: readonly Change[],
): Promise<{ changes: Change[]; checks: Step[] }> => {
  const ids = [...new Set(changes.flatMap(({ memory }) => memory ?? []))];
  const found = await store.getMany(ids.map((id) => memoryKey(project, id)));
  const kept = new Map(
    found.flatMap((memory) =>
      memory && memory.state !== 'deleted' ? [[memory.id, memory.version]] : [],
    ),
  );
  // Texts of more memories than one transaction can check are left out.
  const checked = new Map([...kept].slice(0, maxRestoreSteps - 2));
  return {
    changes: changes.map((change) =>
      change.memory !== undefined && !checked.has(change.memory) ? withoutTexts(change) : change,
    ),
    checks: [...checked].map(([id, version]) => check(memoryKey(project, id), versionIs(version))),
  };
};

/** How long a final event is kept, from its end on. */
const keptFor = (
  { policy }: Platform,
  { status, completedAt, updatedAt }: ArchivedEvent,
): { expiresAt?: number } =>
  isFinal(status) ? retention(policy.retainEventsDays, completedAt ?? updatedAt) : {};

/**
 * Restores an event with its changes. An open event waits for its turn, which is restored later. Safe to repeat and to run concurrently with
 * deletions.
 */
export const restoreEvent = async (
  platform: Platform,
  project: string,
  { changes: archived = [], ...event }: ArchivedEvent,
): Promise<Restored> => {
  const { id, createdAt } = event;
  const kept = keptFor(platform, event);
  if (kept.expiresAt !== undefined && kept.expiresAt <= platform.clock.now()) return 'expired';
  const open = isFinal(event.status) ? {} : ({ status: 'PENDING', stage: 'queued' } as const);
  for (;;) {
    const { changes, checks } = await checkedChanges(platform, project, archived);
    const item = { ...event, ...open, project, ...kept, ...eventListing(project, id, createdAt) };
    const outcome = await commitNew(platform, [
      put(eventKey(project, id), item, isAbsent),
      ...(changes.length > 0 ? [put(changesKey(project, id), { changes, ...kept })] : []),
      ...checks,
    ]);
    if (outcome !== 'changed') return outcome === 'committed' ? 'restored' : 'exists';
  }
};

/**
 * Restores a webhook endpoint under its id, with a new secret and without its own headers. URL and limits are validated like those of a new
 * endpoint; a URL with masked tokens is refused. Safe to repeat.
 */
export const restoreEndpoint = async (
  platform: WebhookPlatform,
  project: string,
  archived: ArchivedEndpoint,
): Promise<Restored> => {
  if (await platform.store.get(endpointKey(project, archived.id))) return 'exists';
  if (archived.url.includes('***')) return 'refused';
  return recreateEndpoint(platform, project, { ...archived, as: archived });
};
