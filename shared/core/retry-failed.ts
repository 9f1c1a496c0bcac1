import type { Event } from '../domain/memory/event.ts';
import { eventListPks } from '../domain/table/keys.ts';
import type { Platform } from '../ports/platform.ts';
import { retryEvent } from './events.ts';
import { monthsUntil } from './list-events.ts';

type Parts = Pick<Platform, 'store' | 'clock' | 'ids' | 'turns' | 'notifications' | 'telemetry'>;

/** Which events are given a fresh budget: those whose failure may pass. */
export interface RetryFilter {
  /** Failed at this time or later, ms since 1970. */
  since: number;
  /** Of the failure; absent: any. */
  code?: string;
}

export interface RetryCounts {
  /** Events looked at. */
  seen: number;
  retried: number;
}

const pageSize = 100;
/** Events given a fresh budget side by side. */
const atOnce = 16;

async function* listed({ store }: Parts, pk: string): AsyncGenerator<Event> {
  let from: { after?: string } = {};
  for (;;) {
    const page = await store.list({ kind: 'EVENT', pk, prefix: '', limit: pageSize, ...from });
    for (const { item } of page.items) yield item;
    if (page.next === undefined) return;
    from = { after: page.next };
  }
}

/** Merges sources that each are in order of ids: turns of a scope are to wait in the order in which they were said. */
async function* inOrder(sources: readonly AsyncGenerator<Event>[]): AsyncGenerator<Event> {
  const heads = await Promise.all(sources.map((source) => source.next()));
  for (;;) {
    let first: { at: number; event: Event } | undefined;
    for (const [at, head] of heads.entries())
      if (!head.done && (!first || head.value.id < first.event.id))
        first = { at, event: head.value };
    if (!first) return;
    yield first.event;
    const next = await sources[first.at]?.next();
    if (next) heads[first.at] = next;
  }
}

const isMeant = (
  { kind, status, error, completedAt = 0 }: Event,
  { since, code = error?.code }: RetryFilter,
): boolean =>
  kind === 'ADD' &&
  status === 'FAILED' &&
  error?.retryable === true &&
  error.code === code &&
  completedAt >= since;

/**
 * Gives the failed events of a project a fresh budget, oldest first. It can be broken off and run again at any time: what
 * was retried is not FAILED any more. The listing it walks may lag behind by a moment; each event is retried on its own state.
 * @param progress called after every few events
 */
export const retryFailed = async (
  platform: Parts,
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
  for (const month of monthsUntil(platform.clock.now()).reverse()) {
    const sources = eventListPks(project, month).map((pk) => listed(platform, pk));
    for await (const event of inOrder(sources)) {
      counts.seen += 1;
      if (isMeant(event, filter)) batch.push(event.id);
      if (batch.length === atOnce) await flush();
    }
  }
  await flush();
  return counts;
};
