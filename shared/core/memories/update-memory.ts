import type { Memory, MemoryView } from '../../domain/memory/memory.ts';
import { searchTerms } from '../../domain/memory/search-terms.ts';
import type { Metadata } from '../../domain/memory/turn.ts';
import { revisionKey } from '../../domain/table/keys.ts';
import { writeOutboxId } from '../../domain/webhooks/outbox.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { enqueueHints, hints } from '../hints.ts';
import { viewOf } from '../retrieval/view.ts';
import { newOutbox, put } from '../steps.ts';
import { findById } from './read-memories.ts';
import { writeMemory } from './write-memory.ts';

/** Fields to change; absent ones keep their values. */
export interface MemoryEdit {
  text?: string;
  /** Replaces the metadata as a whole. */
  metadata?: Metadata;
  /** null: the memory never expires. */
  expiresOn?: string | null;
  /** When it was said, ms since 1970. */
  observedAt?: number;
}

export type UpdateResult =
  | { outcome: 'updated'; memory: MemoryView }
  | { outcome: 'not_found' | 'immutable' | 'being_refined' };

const applyEdit = (platform: Platform, memory: Memory, edit: MemoryEdit): Memory => {
  const { expiresOn, speaker, ...rest } = memory;
  const expiry = edit.expiresOn === undefined ? expiresOn : (edit.expiresOn ?? undefined);
  const text = edit.text ?? memory.text;
  const isRewritten = text !== memory.text;
  const edited: Memory = {
    ...rest,
    text,
    ...(isRewritten ? { source: 'edited' } : speaker === undefined ? {} : { speaker }),
    ...(expiry === undefined ? {} : { expiresOn: expiry }),
    ...(edit.metadata ? { metadata: edit.metadata } : {}),
    ...(edit.observedAt === undefined ? {} : { observedAt: edit.observedAt }),
    lastWrite: platform.ids.next(),
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
          metadata,
          categories,
        },
      ],
      order: after.lastWrite,
      createdAt: updatedAt,
    }),
  ];
};

/**
 * Changes a memory through the API, in one transaction conditional on the version that was read (optimistic concurrency).
 * When another writer was first, the memory is read again and the edit repeated. Guarantee: once this resolves, searches
 * find the new text and refinement decides on it. A crash after the transaction leaves the due times of the index entry
 * and the outbox.
 */
export const updateMemory = async (
  platform: Platform,
  project: string,
  id: string,
  edit: MemoryEdit,
): Promise<UpdateResult> => {
  for (;;) {
    const subject = await findById(platform, project, id);
    if (!subject) return { outcome: 'not_found' };
    if ('turn' in subject)
      return { outcome: subject.turn.state === 'applied' ? 'not_found' : 'being_refined' };
    const { memory } = subject;
    if (memory.immutable) return { outcome: 'immutable' };
    const after = applyEdit(platform, memory, edit);
    const written = await writeMemory(platform, memory, after, (next) =>
      updateWrites(memory, next),
    );
    if (!written) continue;
    await enqueueHints(platform, [
      hints.index(project, id),
      hints.outbox(project, memory.scope, writeOutboxId(id, written.version)),
    ]);
    return { outcome: 'updated', memory: viewOf(written) };
  }
};
