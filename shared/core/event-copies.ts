import type { Change } from '../domain/memory/change.ts';
import type { Event } from '../domain/memory/event.ts';
import type { Turn } from '../domain/memory/turn.ts';
import { erasedKey } from '../domain/table/event-keys.ts';
import type { Item } from '../domain/table/items.ts';
import { eventListing, jobKey, quotaKey } from '../domain/table/keys.ts';
import type { Platform } from '../ports/platform.ts';
import { jsonBytes } from './store-limits.ts';

/**
 * Bytes of changes and words up to which the words are copied: two memories of 200 characters and a short message. Up to half of them
 * the copy costs one write unit on DynamoDB, that of the listing.
 */
const maxCopiedBytes = 1_600;

type Copy = Pick<Item<'CHANGES'>, 'said' | 'listPk' | 'listSk'>;

/** Listing attributes of the changes of an event: the partitions of its month, and in them the order, are as those of events. */
const saidListing = (
  project: string,
  event: string,
  createdAt: number,
): { listPk: string; listSk: string } => {
  const { listPk, listSk } = eventListing(project, event, createdAt);
  return { listPk: `${listPk}#SAID`, listSk };
};

/**
 * Copies the words of a refined turn beside its changes, so that a list of events reads both from the listing. Empty for a long turn,
 * for one with attachments, and where the copy would outlive the turn.
 */
export const copyOfWords = (
  { policy }: Pick<Platform, 'policy'>,
  { project, event, createdAt, messages, metadata }: Turn,
  changes: readonly Change[],
): Copy => {
  const said = { messages, metadata };
  const { retainEventsDays, retainTurnsDays } = policy;
  const outlives =
    retainTurnsDays > 0 && (retainEventsDays === 0 || retainEventsDays > retainTurnsDays);
  const hasFiles = messages.some(({ attachments }) => attachments);
  if (outlives || hasFiles || jsonBytes({ changes, said }) > maxCopiedBytes) return {};
  return { said, ...saidListing(project, event, createdAt) };
};

/** Whether every copy that the index shows is of texts that were not deleted before: no erasure was noted, and no delete-all runs. */
const areCopiesCurrent = async ({ store }: Platform, project: string): Promise<boolean> => {
  const { open = [] } = (await store.get(quotaKey(project, 'jobs'))) ?? {};
  const jobs = await store.getMany(open.map((id) => jobKey(project, id)));
  if (jobs.some((job) => job !== undefined)) return false;
  // Read last: a job notes the erasure before it ends.
  return (await store.get(erasedKey(project))) === undefined;
};

/** Reads the copies of some events of one partition, newest first. */
const copiesIn = async (
  { store }: Platform,
  pk: string,
  events: readonly Event[],
): Promise<Item<'CHANGES'>[]> => {
  const from = events[0]?.id ?? '';
  const range = { kind: 'CHANGES', pk, prefix: '', newestFirst: true } as const;
  const { items } = await store.list({ ...range, from, limit: events.length });
  // A version before there were copies erases from the changes alone, and counts that.
  return items.map(({ item }) => item).filter(({ erasures }) => erasures === undefined);
};

/**
 * Reads the copies of events, which are given newest first, by the ids of the events. Without those that may have texts which were
 * deleted before. Costs a few reads for each hundred events.
 */
export const readCopies = async (
  platform: Platform,
  project: string,
  events: readonly Event[],
): Promise<ReadonlyMap<string, Item<'CHANGES'>>> => {
  const refined = events.filter(
    ({ kind, status, turn }) => kind === 'ADD' && status === 'SUCCEEDED' && turn !== undefined,
  );
  const placed = Map.groupBy(
    refined,
    ({ id, createdAt }) => saidListing(project, id, createdAt).listPk,
  );
  const [areCurrent, ...found] = await Promise.all([
    areCopiesCurrent(platform, project),
    ...[...placed].map(([pk, some]) => copiesIn(platform, pk, some)),
  ]);
  const copies = areCurrent ? found.flat() : [];
  return new Map(copies.map((copy) => [copy.listSk ?? '', copy]));
};
