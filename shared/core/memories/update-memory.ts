import {
  descriptionOf,
  type TextDescription,
  withoutDescription,
} from '../../domain/memory/description.ts';
import type { Memory, MemoryView } from '../../domain/memory/memory.ts';
import { occurrenceIn } from '../../domain/memory/occurrence.ts';
import { searchTerms } from '../../domain/memory/search-terms.ts';
import { withoutStructuredData } from '../../domain/memory/structured-data.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import { revisionKey } from '../../domain/table/keys.ts';
import { writeOutboxId } from '../../domain/webhooks/outbox.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Hint } from '../../ports/queue.ts';
import type { Step } from '../../ports/store.ts';
import { withChangeEvent } from '../change-events.ts';
import { commit } from '../commit.ts';
import { enqueueHints, hints } from '../hints.ts';
import { roughView, viewOf } from '../retrieval/view.ts';
import { newOutbox, put } from '../steps.ts';
import { memorySpan } from '../traced.ts';
import { correctTurn, type MemoryEdit } from './correct-turn.ts';
import { findVisible, type Subject } from './find-by-id.ts';
import { type NextVersion, nextVersion } from './write-memory.ts';

export type UpdateResult =
  | { outcome: 'updated'; memory: MemoryView }
  | { outcome: 'not_found' | 'immutable' | 'closed' | 'is_source' };

/** Description after an edit: title, tags, reasoning and date are about the words, so they do not outlast them. */
const descriptionAfter = (memory: Memory, text: string): TextDescription => {
  const former = descriptionOf(memory);
  if (text === memory.text) return former;
  const { title: _, reasoning: __, tags: ___, occursOn: ____, ...lasting } = former;
  const occursOn = occurrenceIn(text);
  return { ...lasting, ...(occursOn === undefined ? {} : { occursOn }) };
};

const editedDescription = (memory: Memory, edit: MemoryEdit): TextDescription => {
  const { text = memory.text, title, reasoning, tags } = edit;
  return descriptionOf({
    ...descriptionAfter(memory, text),
    ...(title === undefined ? {} : { title }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(tags === undefined ? {} : { tags }),
  });
};

const editOf = (platform: Platform, memory: Memory, edit: MemoryEdit): Memory => {
  const { expiresOn, speaker, structured, ...others } = withoutDescription(memory);
  const expiry = edit.expiresOn === undefined ? expiresOn : (edit.expiresOn ?? undefined);
  const text = edit.text ?? memory.text;
  const isRewritten = text !== memory.text;
  const lastWrite = platform.ids.next();
  const isOutdated = structured === true && isRewritten;
  const metadata = isOutdated ? withoutStructuredData(memory.metadata) : memory.metadata;
  const rest = { ...others, metadata, ...(structured && !isRewritten && { structured }) };
  const edited: Memory = {
    ...rest,
    text,
    ...editedDescription(memory, edit),
    ...(isRewritten
      ? { source: 'edited' as const, textVersion: memory.version + 1 }
      : speaker === undefined
        ? {}
        : { speaker }),
    ...(expiry === undefined ? {} : { expiresOn: expiry }),
    ...(edit.metadata ? { metadata: edit.metadata, metadataSince: lastWrite } : {}),
    ...(edit.observedAt === undefined ? {} : { observedAt: edit.observedAt }),
    lastWrite,
    updatedAt: platform.clock.now(),
  };
  return { ...edited, terms: searchTerms(edited) };
};

const updateWrites = (before: Memory, after: Memory): Step[] => {
  const { project, scope, id, version, updatedAt, metadata, categories, entities } = after;
  const outbox = writeOutboxId(id, version);
  return [
    put(revisionKey(project, id, version), {
      memory: id,
      version,
      type: 'UPDATE',
      oldText: before.text,
      newText: after.text,
      metadata,
      createdAt: updatedAt,
    }),
    newOutbox(scope, {
      id: outbox,
      project,
      entities,
      facts: [
        {
          type: 'memory_update',
          memory: id,
          text: after.text,
          previousText: before.text,
          ...(after.occursOn === undefined ? {} : { occursOn: after.occursOn }),
          metadata,
          categories,
        },
      ],
      order: after.lastWrite,
      createdAt: updatedAt,
    }),
  ];
};

/** The edited memory with the writes of one transaction, conditional on the version that was read. */
export const editWrites = (platform: Platform, memory: Memory, edit: MemoryEdit): NextVersion =>
  nextVersion(platform, memory, editOf(platform, memory, edit), (written) =>
    updateWrites(memory, written),
  );

/** Hint at the outbox of an edit. */
export const editHint = ({ project, scope, id, version }: Memory): Hint =>
  hints.outbox(project, scope, writeOutboxId(id, version));

/**
 * Changes a live memory in one transaction, conditional on the version that was read; undefined when another writer was first, and nothing
 * was written. A crash after the transaction leaves the due times of the index entry and the outbox.
 */
export const editMemory = async (
  platform: Platform,
  memory: Memory,
  edit: MemoryEdit,
  extraWrites: readonly Step[],
): Promise<UpdateResult | undefined> => {
  const { written, steps } = editWrites(platform, memory, edit);
  const reported = withChangeEvent(
    platform,
    written.project,
    'UPDATE',
    [written],
    steps,
    edit.redacted,
  );
  if (!(await commit(platform, [...reported, ...extraWrites])).committed) return undefined;
  await enqueueHints(platform, [hints.index(written.project, written.id), editHint(written)]);
  return { outcome: 'updated', memory: viewOf(written) };
};

const editTurn = async (
  platform: Platform,
  turn: Turn,
  edit: MemoryEdit,
  extraWrites: readonly Step[],
): Promise<UpdateResult | undefined> => {
  const corrected = await correctTurn(platform, turn, edit, extraWrites);
  return corrected && { outcome: 'updated', memory: roughView(corrected) };
};

/** The memory or the turn that an edit changes, or the outcome of an edit that changes nothing. */
export const editableOf = (
  subject: Subject | undefined,
):
  | { memory: Memory }
  | { turn: Turn; memory?: undefined }
  | { outcome: Exclude<UpdateResult['outcome'], 'updated'> } => {
  if (!subject) return { outcome: 'not_found' };
  if ('message' in subject) return { outcome: 'is_source' };
  const { memory, turn } = subject;
  if (memory?.state === 'closed') return { outcome: 'closed' };
  if (memory) return memory.immutable ? { outcome: 'immutable' } : { memory };
  return turn.options.immutable ? { outcome: 'immutable' } : { turn };
};

/**
 * Reads what an id stands for and tries to change it once, in one transaction. Undefined when another writer was first, or when a
 * condition of `extraWrites` did not hold: nothing was written.
 */
export const tryUpdate = async (
  platform: Platform,
  project: string,
  id: string,
  edit: MemoryEdit,
  extraWrites: readonly Step[] = [],
): Promise<UpdateResult | undefined> => {
  const editable = editableOf(await findVisible(platform, project, id));
  if ('outcome' in editable) return editable;
  return editable.memory
    ? editMemory(platform, editable.memory, edit, extraWrites)
    : editTurn(platform, editable.turn, edit, extraWrites);
};

/**
 * Changes a memory through the API, in one transaction conditional on the version that was read (optimistic concurrency); of a
 * rough memory the turn's text. When another writer was first, the memory is read again and the edit repeated. Guarantee: once
 * this resolves, searches find the new text and refinement decides on it. A crash after the transaction leaves the due times
 * of the index entry and the outbox.
 */
export const updateMemory = (
  platform: Platform,
  project: string,
  id: string,
  edit: MemoryEdit,
): Promise<UpdateResult> =>
  memorySpan(platform, 'update_memory', { project, record: id }, async () => {
    for (;;) {
      const result = await tryUpdate(platform, project, id, edit);
      if (result) return result;
    }
  });
