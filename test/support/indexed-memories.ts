import { updateMemory } from '../../shared/core/memories/update-memory.ts';
import { RetryableError } from '../../shared/domain/errors.ts';
import { messageId } from '../../shared/domain/memory/derived-ids.ts';
import { vectorId } from '../../shared/domain/memory/vector-id.ts';
import { memoryKey } from '../../shared/domain/table/keys.ts';
import { type CoreFixture, project } from './core-fixture.ts';

/** Names of the entries that a search can find, sorted. */
export const shownEntries = (service: CoreFixture): string[] =>
  [...service.index.shown.keys()].sort();

/** Name of the entry of the first message of a turn. */
export const messageEntry = (turn: string): string => vectorId(messageId(turn, 0), 1);

/** The item of a memory, as it is stored. */
export const memoryItem = (service: CoreFixture, id: string) =>
  service.store.get(memoryKey(project, id));

/** Replaces the text of a memory. */
export const editMemory = (service: CoreFixture, id: string, text: string) =>
  updateMemory(service.platform, project, id, { text });

/** Failure of an index that cannot be reached. */
export const indexDown = new RetryableError('down', 'It cannot be reached.');
