import type { Export } from '../../domain/derived/derived.ts';
import type { ErrorInfo } from '../../domain/errors.ts';
import { exportKey, exportPartKey, exportsPk } from '../../domain/table/derived-keys.ts';
import type { Item } from '../../domain/table/items.ts';
import { dayMs } from '../../domain/time.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { resultIsAt } from '../conditions.ts';
import { everyPage } from '../pagination.ts';
import { remove, update } from '../steps.ts';

/** Days that an export is kept. */
const keptDays = 7;
/** Exports that are kept of a project; a further one replaces the oldest. */
export const maxExports = 20;

export const exportExpiry = (createdAt: number): { expiresAt: number } => ({
  expiresAt: createdAt + keptDays * dayMs,
});

/** Days that a profile is kept that has no text: such an item names its entity, which may be erased. */
const emptyDays = 7;

/** Expiry of a profile without text. */
export const emptyExpiry = (now: number): { expiresAt: number } => ({
  expiresAt: now + emptyDays * dayMs,
});

/** All exports of a project, newest first, strongly consistent. */
export const readExports = async (
  { store }: Pick<Platform, 'store'>,
  project: string,
): Promise<Item<'EXPORT'>[]> => {
  const found = await everyPage((from) =>
    store.query({
      kind: 'EXPORT',
      pk: exportsPk(project),
      prefix: 'EXPORT#',
      newestFirst: true,
      ...from,
    }),
  );
  return found.map(({ item }) => item);
};

/** Writes that remove the parts of an export. */
export const partRemovals = (project: string, { id, parts }: Export): Step[] =>
  Array.from({ length: parts + 1 }, (_, number) => remove(exportPartKey(project, id, number)));

/**
 * Writes that take all text out of an export: one that runs starts again from the beginning. Conditional on its version.
 * @param ended the state in which the export ends
 */
export const emptyingWrites = (
  project: string,
  record: Export,
  ended?: { status: 'erased' } | { status: 'failed'; error: ErrorInfo },
): Step[] => [
  ...partRemovals(project, record),
  update(
    exportKey(project, record.id),
    { ...ended, version: record.version + 1, parts: 0, position: 0, bytes: 0 },
    resultIsAt(record.version),
    ['sources', 'count'],
  ),
];
