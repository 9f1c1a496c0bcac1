import { firstUuidV7At } from '../domain/ids.ts';
import type { Event } from '../domain/memory/event.ts';
import { eventListPks } from '../domain/table/keys.ts';
import type { Platform } from '../ports/platform.ts';
import { retryEvent } from './events.ts';
import { monthsUntil } from './list-events.ts';

type ListPlatform = Pick<Platform, 'store' | 'clock'>;

type RetryPlatform = Pick<
  Platform,
  'store' | 'clock' | 'ids' | 'turns' | 'notifications' | 'telemetry'
>;

/** Failed events to retry, among those whose error is retryable. */
export interface RetryFilter {
  /** Failed at this time or later, ms since 1970. */
  since: number;
  /** Error code; absent: any. */
  code?: string;
}

export interface RetryCounts {
  /** Events read. */
  seen: number;
  retried: number;
}

const pageSize = 100;
/** Events retried concurrently. */
const batchSize = 16;

async function* listed(
  { store }: Pick<Platform, 'store'>,
  pk: string,
  first: string,
): AsyncGenerator<Event> {
  let from: { from?: string; after?: string } = { from: first };
  for (;;) {
    const page = await store.list({ kind: 'EVENT', pk, prefix: '', limit: pageSize, ...from });
    for (const { item } of page.items) yield item;
    if (page.next === undefined) return;
    from = { after: page.next };
  }
}

/** Merges sorted sources by id, so that the turns of a scope are retried in the order of the conversation. */
async function* mergeById(sources: readonly AsyncGenerator<Event>[]): AsyncGenerator<Event> {
  const heads = await Promise.all(sources.map((source) => source.next()));
  for (;;) {
    let first: { source: number; event: Event } | undefined;
    for (const [source, head] of heads.entries())
      if (!head.done && (!first || head.value.id < first.event.id))
        first = { source, event: head.value };
    if (!first) return;
    yield first.event;
    const next = await sources[first.source]?.next();
    if (next) heads[first.source] = next;
  }
}

/** Time by which the id of an event may be older than the event. */
const idMarginMs = 60_000;

/**
 * Listed events of a project since a time, oldest first within a month, perhaps with some of the minute before. The listing is
 * eventually consistent.
 */
export async function* eventsByAge(
  { store, clock }: ListPlatform,
  project: string,
  since = 0,
): AsyncGenerator<Event> {
  const start = Math.max(0, since - idMarginMs);
  const first = firstUuidV7At(start);
  const firstMonth = new Date(start).toISOString().slice(0, 7);
  const months = monthsUntil(clock.now()).filter((month) => month >= firstMonth);
  for (const month of months.reverse())
    yield* mergeById(eventListPks(project, month).map((pk) => listed({ store }, pk, first)));
}

const matches = (
  { kind, status, error, completedAt = 0 }: Event,
  { since, code = error?.code }: RetryFilter,
): boolean =>
  kind === 'ADD' &&
  status === 'FAILED' &&
  error?.retryable === true &&
  error.code === code &&
  completedAt >= since;

/**
 * Retries the failed events of a project, oldest first. Can be interrupted and repeated at any time, since a retried event
 * is not FAILED any more. The listing is eventually consistent; each event is retried on its current state.
 * @param progress called after each batch
 */
export const retryFailed = async (
  platform: RetryPlatform,
  project: string,
  filter: RetryFilter,
  progress: (counts: RetryCounts) => void = () => {},
): Promise<RetryCounts> => {
  const counts = { seen: 0, retried: 0 };
  let batch: string[] = [];
  const flush = async (): Promise<void> => {
    const outcomes = await Promise.all(batch.map((id) => retryEvent(platform, project, id)));
    counts.retried += outcomes.filter((outcome) => outcome === 'retried').length;
    batch = [];
    progress(counts);
  };
  for await (const event of eventsByAge(platform, project)) {
    counts.seen += 1;
    if (matches(event, filter)) batch.push(event.id);
    if (batch.length === batchSize) await flush();
  }
  await flush();
  return counts;
};
