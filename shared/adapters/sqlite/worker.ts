import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTick } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { IndexQuery, IndexResult } from '../../ports/vector-index.ts';
import { createCodeBlocks } from './code-blocks.ts';
import { createFilterResults, type FilterResults } from './filter-results.ts';
import { createLargePartition, type LargePartition } from './large-partition.ts';
import { isImplied, markMatching, type SearchedPartition, searchLarge } from './large-search.ts';
import { createScratch } from './scratch.ts';
import type { Answer, Order, WorkerData } from './search-thread.ts';
import { toBytes, toSegment } from './segment.ts';
import { createSegmentReads } from './segment-rows.ts';
import { partitionName } from './vector-rows.ts';

// Entry of the thread that searches large partitions. The thread reads the file through a connection of its own and writes nothing.
const { path, cacheBytes, closed } = workerData as WorkerData;
const connection = new DatabaseSync(path, { readOnly: true, timeout: 1_000 });
// The partitions are the cache.
connection.exec('PRAGMA cache_size = -256');
const reads = createSegmentReads(connection);
const blocks = createCodeBlocks();
const scratchAt = createScratch();

interface Loaded {
  project: string;
  name: string;
  partition: LargePartition;
  filters: FilterResults;
  removed: number;
  /** Entries added since the segments were last made. */
  added: number;
}
const loaded = new Map<string, Loaded>();

const rowsPerSegment = 256;
/** Fewest entries between two segments that get one of their own. */
const leastInGap = 64;
const addedUntilSegments = 4_096;
const forgetAfterMs = 500;

const send = (answer: Answer): void => parentPort?.postMessage(answer);
const keyOf = (project: string, name: string): string => JSON.stringify([project, name]);

const drop = (key: string): void => {
  loaded.get(key)?.partition.free();
  loaded.delete(key);
};

const evict = (): void => {
  let bytes = 0;
  for (const { partition } of loaded.values()) bytes += partition.bytes();
  for (const [key, { partition }] of loaded) {
    if (bytes <= cacheBytes || loaded.size === 1) return;
    bytes -= partition.bytes();
    drop(key);
  }
};

/** Reads a partition at once: segments, and the entries between them from their rows. */
const load = (project: string, name: string): LargePartition => {
  const partition = createLargePartition(blocks);
  let isFirst = true;
  for (let after = 0; ; ) {
    const next = reads.nextSegment(project, name, after);
    const before = next?.first ?? Number.MAX_SAFE_INTEGER;
    for (;;) {
      const rows = reads.rows(project, name, { after, before, limit: rowsPerSegment });
      const last = rows.at(-1);
      if (!last) break;
      partition.append(toSegment(rows));
      after = last.n;
    }
    if (!next) return partition;
    partition.append(next.segment);
    after = next.last;
    // By what the first entries take, and a twentieth more.
    if (isFirst)
      partition.reserve(Math.ceil(reads.segments(project, name, after) * rowsPerSegment * 1.05));
    isFirst = false;
  }
};

const get = (project: string, name: string): Loaded => {
  const key = keyOf(project, name);
  const known = loaded.get(key);
  if (known) {
    loaded.delete(key);
    loaded.set(key, known);
    return known;
  }
  const partition = load(project, name);
  const filters = createFilterResults(partition, reads, { project, name });
  const one = { project, name, partition, filters, removed: 0, added: 0 };
  loaded.set(key, one);
  void makeSegments(one);
  return one;
};

/** Segments that the other thread has not stored yet. */
const unstored = new Map<number, () => void>();
let segmentsSent = 0;

/** Sends segments of the entries that have none, one by one, so that the next start loads them fast. */
const makeSegments = async ({ project, name, partition }: Loaded): Promise<void> => {
  for (let after = 0; ; ) {
    await nextTick();
    if (loaded.get(keyOf(project, name))?.partition !== partition) return;
    const next = reads.nextBounds(project, name, after);
    const before = next?.first ?? reads.newest();
    const rows = reads.rows(project, name, { after, before, limit: rowsPerSegment });
    const [first, last] = [rows[0], rows.at(-1)];
    const isEnough = rows.length >= (next ? leastInGap : rowsPerSegment);
    if (first && last && isEnough) {
      const body = toBytes(toSegment(rows));
      const id = segmentsSent++;
      const stored = new Promise<void>((resolve) => unstored.set(id, resolve));
      const entries = rows.length;
      send({
        type: 'segment',
        id,
        segment: { project, partition: name, first: first.n, last: last.n, entries, body },
      });
      await stored;
      after = last.n;
    } else if (next) after = next.last;
    else return;
  }
};

/** Answers at once, so that no change comes in between. */
const answer = (names: readonly string[], query: IndexQuery): IndexResult => {
  const parts: SearchedPartition[] = [];
  const filter = query.filter ?? { all: [] };
  for (const name of names) {
    const { partition, filters } = get(query.project, name);
    const earlier = parts.map((part) => part.partition);
    const isRepeated =
      earlier.length === 0
        ? undefined
        : (slot: number): boolean =>
            earlier.some((other) => other.slotOf(partition.numberOf(slot)) !== undefined);
    const asked = query.partitions.find((one) => partitionName(one) === name);
    const passes = isImplied(asked, filter) ? undefined : filters.testOf(filter);
    const scratch = scratchAt(parts.length, partition.slots());
    markMatching(scratch.matching, partition, query, passes, isRepeated);
    parts.push({ partition, scratch, isRepeated });
  }
  return searchLarge(parts, query, reads);
};

const answerQuery = ({ call, names, query }: Extract<Order, { type: 'query' }>): void => {
  try {
    send({ type: 'answer', call, result: answer(names, query) });
  } catch (error) {
    const { message, errcode } = error as Error & { errcode?: number };
    send({ type: 'failed', call, message, errcode });
  }
  evict();
};

let isForgetting = false;
/** Forgets the stems of removed entries soon, once for all of them. */
const forgetSoon = (): void => {
  if (isForgetting) return;
  isForgetting = true;
  setTimeout(() => {
    isForgetting = false;
    for (const { partition } of loaded.values()) partition.forgetStems();
  }, forgetAfterMs).unref();
};

const change = (one: Loaded, { n, isRemoved }: { n: number; isRemoved: boolean }): void => {
  if (isRemoved) {
    one.partition.remove(n);
    one.removed += 1;
    forgetSoon();
    // Removed entries keep their slots.
    if (one.removed * 4 > one.partition.slots()) drop(keyOf(one.project, one.name));
    return;
  }
  // A load has every entry up to its last one.
  if (n <= one.partition.lastNumber()) return;
  const row = reads.row(n);
  if (!row) return;
  one.partition.append(toSegment([row]));
  one.added += 1;
  if (one.added < addedUntilSegments) return;
  one.added = 0;
  void makeSegments(one);
};

const changeAll = ({ project, changes }: Extract<Order, { type: 'change' }>): void => {
  for (const one of changes)
    for (const name of one.names) {
      const at = loaded.get(keyOf(project, name));
      if (at) change(at, one);
    }
};

const close = (): void => {
  connection.close();
  Atomics.store(closed, 0, 1);
  Atomics.notify(closed, 0);
  parentPort?.close();
};

const onStored = ({ id }: Extract<Order, { type: 'stored' }>): void => {
  unstored.get(id)?.();
  unstored.delete(id);
};

const handle = (order: Order): void => {
  if (order.type === 'query') answerQuery(order);
  else if (order.type === 'change') changeAll(order);
  else if (order.type === 'stored') onStored(order);
  else if (order.type === 'clear') for (const key of [...loaded.keys()]) drop(key);
  else close();
};

parentPort?.on('message', handle);
