import {
  type Derivation,
  type DerivationTask,
  type Export,
  fingerprintsOf,
} from '../../domain/derived/derived.ts';
import { copiesOf, divided, rowsOf } from '../../domain/derived/memory-row.ts';
import { fitTo, type Shaped } from '../../domain/derived/shaped-value.ts';
import type { ErrorInfo } from '../../domain/errors.ts';
import type { Event } from '../../domain/memory/event.ts';
import type { MemoryView } from '../../domain/memory/memory.ts';
import { derivationKey, exportKey, exportPartKey } from '../../domain/table/derived-keys.ts';
import { eventKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { holdsJob, resultIsAt } from '../conditions.ts';
import { check, put, remove, update } from '../steps.ts';
import { jsonBytes } from '../store-limits.ts';
import { retention } from '../ttl.ts';
import { type FillLimits, filledByModel, type Made } from './by-model.ts';
import { filledByRules } from './by-rules.ts';
import { emptyingWrites, exportExpiry } from './derived-records.ts';
import { listSources, readSources } from './sources.ts';

type ExportTask = Extract<DerivationTask, { makes: 'export' }>;
type ExportJob = Derivation & { task: ExportTask };

/** Limits of one export: with these, all of its parts are removed in one transaction. */
const maxMemories = 5_000;
const maxBytes = 2_500_000;
const maxParts = 90;
/** Memories of one part, and their size. */
const memoriesPerPart = 100;
const bytesPerPart = 150_000;
/** Bytes of the value of a part, which is one item. */
const maxPartBytes = 350_000;

const purpose = 'Export of what is known, in the form of the schema.';

/** Outcome of a step: more is to do, the job is over, or has to wait. */
export type StepResult = { state: 'more' | 'over' } | { state: 'waits'; ms: number };

const more: StepResult = { state: 'more' };
const over: StepResult = { state: 'over' };

/** Writes that end the job and its event. */
export const endWrites = (
  platform: Platform,
  { project, id, token = '' }: Derivation,
  error?: ErrorInfo,
  rest: Pick<Event, 'ignored'> = {},
): Step[] => {
  const now = platform.clock.now();
  return [
    remove(derivationKey(project, id), holdsJob(token)),
    update(eventKey(project, id), {
      status: error ? 'FAILED' : 'SUCCEEDED',
      stage: 'finished',
      ...(error && { error }),
      ...rest,
      completedAt: now,
      updatedAt: now,
      ...retention(platform.policy.retainEventsDays, now),
    }),
  ];
};

/** Ends an export without a result. A concurrent erasure refuses the transaction, and the next step tries again. */
export const failExport = async (
  platform: Platform,
  job: Derivation,
  record: Export | undefined,
  error: ErrorInfo,
): Promise<StepResult> => {
  const emptied = record ? emptyingWrites(job.project, record, { status: 'failed', error }) : [];
  const { committed } = await commit(platform, [...emptied, ...endWrites(platform, job, error)]);
  return committed ? over : more;
};

const tooLarge = (sentence: string): ErrorInfo => ({
  code: 'export_too_large',
  message: `${sentence} Narrow the filters.`,
  retryable: false,
});

/**
 * Lists the memories of the export. The names of the memories are committed before any text is read for a part: so a deletion either
 * finds the export, or is seen when the text is read.
 */
const listMemories = async (
  platform: Platform,
  job: ExportJob,
  record: Export,
): Promise<StepResult> => {
  const { project, id, token = '', task } = job;
  const found = await listSources(platform, project, task.filter, maxMemories + 1);
  if (found.length > maxMemories)
    return failExport(
      platform,
      job,
      record,
      tooLarge(`The filters match more than ${maxMemories} memories.`),
    );
  const memories = found.map((memory) => memory.id);
  await commit(platform, [
    put(exportPartKey(project, id, 0), {
      memories,
      shape: task.shape,
      ...exportExpiry(record.createdAt),
    }),
    update(
      exportKey(project, id),
      {
        version: record.version + 1,
        sources: fingerprintsOf(memories),
        count: memories.length,
      },
      resultIsAt(record.version),
    ),
    check(derivationKey(project, id), holdsJob(token)),
  ]);
  return more;
};

/** As many of the memories as fit one part, at least one. */
const fitting = (memories: readonly MemoryView[], max: number): MemoryView[] => {
  let bytes = 0;
  const rest = memories.findIndex((memory, index) => {
    bytes += jsonBytes({ ...memory, lineage: [] });
    return index > 0 && bytes > max;
  });
  return memories.slice(0, rest < 0 ? memories.length : rest);
};

interface Page {
  /** Ids of all memories of the export. */
  all: readonly string[];
  /** Ids of the page, those of memories that are gone included. */
  ids: string[];
  memories: MemoryView[];
  isLast: boolean;
}

const readPage = async (
  platform: Platform,
  project: string,
  record: Export,
  { shape }: ExportTask,
): Promise<Page | undefined> => {
  const first = await platform.store.get(exportPartKey(project, record.id, 0));
  const all = first?.memories;
  if (!all) return undefined;
  const { fill, batch } = platform.languageModel;
  // Each array of memories copies their texts, and a part must fit one item.
  const bytes = bytesPerPart / Math.max(1, copiesOf(divided(shape).rows));
  const max = fill ? Math.min(bytes, batch.characters) : bytes;
  const ids = all.slice(record.position, record.position + memoriesPerPart);
  const memories = fitting(await readSources(platform, project, ids), max);
  const last = memories.at(-1);
  const end = last ? ids.indexOf(last.id) + 1 : ids.length;
  // Ids after the last memory of the page are read again with the next one.
  const isCut = memories.length > 0 && end < ids.length;
  const read = isCut ? ids.slice(0, end) : ids;
  return { all, ids: read, memories, isLast: record.position + read.length >= all.length };
};

/** Makes the value of a page: arrays of memories, and what the model finds in them; by rules, the rest on the last page. */
const makeValue = async (
  platform: Platform,
  { project, task }: ExportJob,
  { all, memories, isLast }: Page,
  limits: FillLimits,
): Promise<Made> => {
  const { rows, rest } = divided(task.shape);
  const copied = rowsOf(rows, memories);
  const made = (filled: Shaped): Made => ({
    outcome: 'made',
    value: fitTo(task.shape, { ...copied, ...filled }),
  });
  if (Object.keys(rest.properties).length === 0) return made({});
  const { fill } = platform.languageModel;
  if (!fill) {
    if (!isLast) return made({});
    const { filter } = task;
    // Memories that were added since the export was listed are not in it: their deletion would not find the export.
    const listed = new Set(all);
    const found = await listSources(platform, project, filter, Number.POSITIVE_INFINITY);
    const usable = found.filter(({ id }) => listed.has(id));
    const filled = await filledByRules(platform, usable, rest, limits);
    return filled ? made(filled) : { outcome: 'stopped' };
  }
  if (memories.length === 0) return made({});
  const { instructions } = task;
  const request = { shape: rest, purpose, memories, ...(instructions && { instructions }) };
  const answer = await filledByModel(platform, fill, request, limits);
  return answer.outcome === 'made' ? made(answer.value) : answer;
};

const writePart = async (
  platform: Platform,
  { project, id, token = '' }: ExportJob,
  record: Export,
  page: Page,
  value: string,
): Promise<void> => {
  const parts = record.parts + 1;
  const position = record.position + page.ids.length;
  const now = platform.clock.now();
  await commit(platform, [
    put(exportPartKey(project, id, parts), { value, ...exportExpiry(record.createdAt) }),
    update(
      exportKey(project, id),
      {
        version: record.version + 1,
        parts,
        position,
        bytes: record.bytes + Buffer.byteLength(value),
      },
      resultIsAt(record.version),
    ),
    update(eventKey(project, id), { counts: { memories: position, turns: 0 }, updatedAt: now }),
    check(derivationKey(project, id), holdsJob(token)),
  ]);
};

/** Ends the export. A memory that was deleted since the parts were made has emptied the export, which refuses this transaction. */
const finish = async (platform: Platform, job: ExportJob, record: Export): Promise<StepResult> => {
  const ready = { status: 'ready' as const, version: record.version + 1 };
  const isIgnored = job.task.instructions !== undefined && !platform.languageModel.fill;
  const ignored = isIgnored ? { ignored: ['instructions' as const] } : {};
  const { committed } = await commit(platform, [
    update(exportKey(job.project, job.id), ready, resultIsAt(record.version)),
    ...endWrites(platform, job, undefined, ignored),
  ]);
  return committed ? over : more;
};

/**
 * Does one step of an export: lists the memories, makes one part, or ends the job. Safe to repeat after a crash: every write is
 * conditional on the version of the export and on the lease, and a deletion of one of the memories starts the export again.
 */
export const stepExport = async (
  platform: Platform,
  job: ExportJob,
  limits: FillLimits,
): Promise<StepResult> => {
  const { project, id } = job;
  const record = await platform.store.get(exportKey(project, id));
  if (record?.status !== 'pending')
    return failExport(platform, job, undefined, {
      code: 'export_removed',
      message: 'The export was removed before it was ready.',
      retryable: false,
    });
  const { count, parts, position, bytes } = record;
  if (count === undefined) return listMemories(platform, job, record);
  if (parts > 0 && position >= count) return finish(platform, job, record);
  if (parts >= maxParts || bytes > maxBytes)
    return failExport(platform, job, record, tooLarge('The memories are too long for one export.'));
  const page = await readPage(platform, project, record, job.task);
  if (!page) return more;
  const made = await makeValue(platform, job, page, limits);
  if (made.outcome === 'waits') return { state: 'waits', ms: made.ms };
  if (made.outcome === 'stopped') return { state: 'waits', ms: 0 };
  if (made.outcome === 'failed') return failExport(platform, job, record, made.error);
  const value = JSON.stringify(made.value);
  if (Buffer.byteLength(value) > maxPartBytes)
    return failExport(
      platform,
      job,
      record,
      tooLarge('The schema repeats long memories too often.'),
    );
  await writePart(platform, job, record, page, value);
  return more;
};
