import { closedVersionId } from '../../domain/memory/derived-ids.ts';
import { descriptionOf, withoutDescription } from '../../domain/memory/description.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import { memoryKey, revisionKey } from '../../domain/table/keys.ts';
import { writeOutboxId } from '../../domain/webhooks/outbox.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { withChangeEvent } from '../change-events.ts';
import { commit } from '../commit.ts';
import { versionIs } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { nextVersion } from '../memories/write-memory.ts';
import { check, newOutbox, put } from '../steps.ts';
import { remainsDays, retention } from '../ttl.ts';
import { finishDeletion } from './delete-together.ts';
import { erasingTombstone } from './tombstone.ts';

/** A live memory that loses its text with the message that said it, and the closed version whose text it gets back. */
export interface Restoration {
  memory: Memory;
  version: Memory;
}

/** A text of a memory that an edit replaced: it is left in the history alone. */
export interface ReplacedText {
  memory: Memory;
  /** The last version that had the text. */
  last: number;
}

/**
 * The memory with the text of the version. Metadata of an edit stay. The turn of the message stays a source, so that a deletion of the
 * memory finds its words, if a crash comes before they are erased.
 */
const restored = ({ memory, version }: Restoration, now: number): Memory => {
  const { speaker: _, structured: __, ...kept } = withoutDescription(memory);
  const isMetadataEdited = memory.metadataSince !== version.metadataSince;
  return {
    ...kept,
    text: version.text,
    terms: version.terms,
    ...(version.speaker === undefined ? {} : { speaker: version.speaker }),
    ...descriptionOf(version),
    ...(version.structured ? { structured: true as const } : {}),
    textVersion: version.textVersion,
    attributedTo: version.attributedTo,
    source: version.source,
    metadata: isMetadataEdited ? memory.metadata : version.metadata,
    categories: version.categories,
    observedAt: version.observedAt,
    // The closed version has the time before.
    validFrom: version.validUntil ?? version.validFrom,
    updatedAt: now,
  };
};

/** The tombstone of a text that is no version of its own: its due time erases the text from history, events and webhooks. */
const tombstoneOf = ({ memory, last }: ReplacedText, now: number): { lost: Memory; step: Step } => {
  const id = closedVersionId(memory.id, last);
  const text: Memory = { ...memory, id, version: 0, lineage: [], supersededBy: memory.id };
  const lost = erasingTombstone(text, now);
  const item = { ...lost, dueAt: now, ...retention(remainsDays, now) };
  return { lost, step: put(memoryKey(memory.project, id), item) };
};

/** The revision and the webhook of a restored text, without the text that is erased. */
const reports = (written: Memory): Step[] => {
  const { project, scope, id, version, text, metadata, categories, entities, updatedAt } = written;
  const revision = { memory: id, version, type: 'UPDATE' as const, newText: text, metadata };
  const date = written.occursOn === undefined ? {} : { occursOn: written.occursOn };
  const fact = { type: 'memory_update' as const, memory: id, text, ...date, metadata, categories };
  return [
    put(revisionKey(project, id, version), { ...revision, createdAt: updatedAt }),
    newOutbox(scope, {
      id: writeOutboxId(id, version),
      project,
      entities,
      facts: [fact],
      order: written.pointer ?? written.lastWrite,
      createdAt: updatedAt,
    }),
  ];
};

/**
 * Gives a memory the text back that it had before, in one transaction on condition that the memory and the closed version are as they
 * were read, and erases the present text everywhere. A crash after the transaction leaves the due time of a tombstone, from which the
 * erasure is resumed. False when another writer was first, and nothing was written.
 */
export const restoreText = async (
  platform: Platform,
  restoration: Restoration,
): Promise<boolean> => {
  const { memory, version } = restoration;
  const { project, id } = memory;
  const now = platform.clock.now();
  const { lost, step } = tombstoneOf({ memory, last: memory.version }, now);
  const { written, steps } = nextVersion(
    platform,
    memory,
    restored(restoration, now),
    (next): Step[] => [
      ...reports(next),
      step,
      check(memoryKey(project, version.id), versionIs(version.version)),
    ],
  );
  const reported = withChangeEvent(platform, project, 'UPDATE', [written], steps);
  if (!(await commit(platform, reported)).committed) return false;
  const outbox = hints.outbox(project, written.scope, writeOutboxId(id, written.version));
  await finishDeletion(platform, project, [lost], [outbox]);
  await enqueueHints(platform, [hints.index(project, id)]);
  return true;
};

/** Erases a text that an edit replaced from history, events and webhooks. A crash leaves the due time of a tombstone. Safe to repeat. */
export const eraseReplaced = async (platform: Platform, text: ReplacedText): Promise<void> => {
  const { lost, step } = tombstoneOf(text, platform.clock.now());
  await commit(platform, [step]);
  await finishDeletion(platform, text.memory.project, [lost], []);
};
