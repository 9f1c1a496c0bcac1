import type { Export } from '../../domain/derived/derived.ts';
import type { ObjectShape } from '../../domain/derived/shape.ts';
import { mergeShaped, type Shaped } from '../../domain/derived/shaped-value.ts';
import type { ErrorInfo } from '../../domain/errors.ts';
import { type Filter, requiredEntities } from '../../domain/memory/filter.ts';
import { derivationKey, exportKey, exportPartKey } from '../../domain/table/derived-keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { resultIsAt } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { countOne, type QuotaExceeded } from '../projects/quota.ts';
import { readabilityOf } from '../retrieval/readable-turns.ts';
import { newEvent, put, remove } from '../steps.ts';
import { createPace } from '../yield-to-loop.ts';
import { exportExpiry, maxExports, partRemovals, readExports } from './derived-records.ts';

export interface ExportRequest {
  /** Must positively name an owner (see `partitionsOf`). */
  filter: Filter;
  /** Digest of the filters as they were sent. */
  filters: string;
  shape: ObjectShape;
  instructions?: string;
}

/** Returns a function that keeps the ids of derivations that are not finished. */
export const runningDerivations =
  ({ store }: Pick<Platform, 'store'>, project: string) =>
  async (ids: readonly string[]): Promise<string[]> => {
    const jobs = await store.getMany(ids.map((id) => derivationKey(project, id)));
    return ids.filter((_, index) => jobs[index] !== undefined);
  };

/** Removes the oldest exports that have ended, so that one more is not too many. An export that changes meanwhile stays. */
const removeOldest = async (platform: Platform, project: string): Promise<void> => {
  const all = await readExports(platform, project);
  const ended = all.filter(({ status }) => status !== 'pending').reverse();
  for (const record of ended.slice(0, Math.max(0, all.length - maxExports + 1)))
    await commit(platform, [
      ...partRemovals(project, record),
      remove(exportKey(project, record.id), resultIsAt(record.version)),
    ]);
};

/**
 * Starts a job that makes an export. Returns its id, which is that of the event as well. Export, event and job are committed
 * together, so a crash leaves all or none; a repeated call starts another export.
 */
export const startExport = async (
  platform: Platform,
  project: string,
  { filter, filters, shape, instructions }: ExportRequest,
): Promise<{ outcome: 'begun'; id: string } | QuotaExceeded> => {
  await removeOldest(platform, project);
  const running = runningDerivations(platform, project);
  for (;;) {
    const id = platform.ids.next();
    const createdAt = platform.clock.now();
    const counted = await countOne(platform, project, 'derivations', id, running);
    if ('outcome' in counted) return counted;
    const record: Export = {
      id,
      version: 1,
      status: 'pending',
      filters,
      position: 0,
      parts: 0,
      bytes: 0,
      createdAt,
    };
    const given = instructions === undefined ? {} : { instructions };
    const task = { makes: 'export' as const, filter, shape, ...given };
    const { committed } = await commit(platform, [
      newEvent({ id, project, kind: 'EXPORT', entities: requiredEntities(filter), createdAt }),
      put(derivationKey(project, id), { id, project, task, createdAt, dueAt: createdAt }),
      put(exportKey(project, id), { ...record, ...exportExpiry(createdAt) }),
      counted,
    ]);
    if (!committed) continue;
    await enqueueHints(platform, [hints.derive(project, id)]);
    return { outcome: 'begun', id };
  }
};

export type ExportAnswer =
  | { outcome: 'ready'; value: Shaped }
  | { outcome: 'pending'; id: string }
  | { outcome: 'failed'; error: ErrorInfo | undefined }
  | { outcome: 'erased' | 'not_found' };

/** Memories that are checked at once. */
const checkedAtOnce = 500;

const areAllKept = async (
  platform: Platform,
  project: string,
  memories: readonly string[],
): Promise<boolean> => {
  for (let at = 0; at < memories.length; at += checkedAtOnce) {
    const some = memories.slice(at, at + checkedAtOnce);
    const { isKept } = await readabilityOf(platform, project, [], some);
    if (!some.every(isKept)) return false;
  }
  return true;
};

/** Reads the parts of an export, and checks that none of the memories was deleted, also not by a delete-all that is under way. */
const readValue = async (
  platform: Platform,
  project: string,
  { id, parts: count }: Export,
): Promise<ExportAnswer> => {
  const keys = Array.from({ length: count + 1 }, (_, number) => exportPartKey(project, id, number));
  const [first, ...others] = await platform.store.getMany(keys);
  const { memories = [], shape } = first ?? {};
  const isWhole = shape !== undefined && others.every((part) => part?.value !== undefined);
  // Parts that are gone were erased after the export was read.
  if (!isWhole || !(await areAllKept(platform, project, memories))) return { outcome: 'erased' };
  const pace = createPace(platform);
  const values: Shaped[] = [];
  for (const part of others) {
    values.push(JSON.parse(part?.value ?? '{}'));
    await pace.pause();
  }
  return { outcome: 'ready', value: mergeShaped(shape, values) };
};

const answerOf = async (
  platform: Platform,
  project: string,
  record: Export | undefined,
): Promise<ExportAnswer> => {
  switch (record?.status) {
    case undefined:
      return { outcome: 'not_found' };
    case 'pending':
      return { outcome: 'pending', id: record.id };
    case 'failed':
      return { outcome: 'failed', error: record.error };
    case 'erased':
      return { outcome: 'erased' };
    case 'ready':
      return readValue(platform, project, record);
  }
};

/**
 * Reads an export by its id, or the newest one with equal filters. Strongly consistent: an export with a memory whose deletion was
 * answered before is not shown.
 */
export const readExport = async (
  platform: Platform,
  project: string,
  by: { id: string } | { filters: string },
): Promise<ExportAnswer> => {
  const record =
    'id' in by
      ? await platform.store.get(exportKey(project, by.id))
      : (await readExports(platform, project)).find(({ filters }) => filters === by.filters);
  return answerOf(platform, project, record);
};
