import { toErrorInfo } from '../../domain/errors.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import { messageText } from '../../domain/memory/turn.ts';
import { vectorId } from '../../domain/memory/vector-id.ts';
import type { EmbedOptions } from '../../ports/embedder.ts';
import type { EntryVector, Platform } from '../../ports/platform.ts';
import { messageEntryId, type SpokenMessage } from './messages.ts';

/** Bound of the cache: bytes of all its vectors. */
const maxCachedBytes = 16 * 1024 * 1024;

/** Text that an entry of the index is embedded by. */
export interface EntryText {
  /** Id of the entry. */
  id: string;
  text: string;
}

/**
 * A message as it is embedded. The speaker is part of its meaning: questions name people, and call the person that
 * memories are about `User` (`queryMeaning`).
 */
export const messageEntry = (spoken: SpokenMessage): EntryText => {
  const { message } = spoken;
  const speaker = message.name ?? (message.role === 'user' ? 'User' : undefined);
  const text = messageText(message);
  return {
    id: messageEntryId(spoken),
    text: speaker === undefined ? text : `${speaker}: ${text}`,
  };
};

export const memoryEntry = ({ id, version, text }: Memory): EntryText => ({
  id: vectorId(id, version),
  text,
});

const addToCache = (
  { entryVectors: cache }: Platform['caches'],
  id: string,
  entry: EntryVector,
) => {
  cache.delete(id);
  cache.set(id, entry);
  const perVector = entry.vector.byteLength;
  for (const oldest of cache.keys()) {
    if (cache.size * perVector <= maxCachedBytes) return;
    cache.delete(oldest);
  }
};

/** The vector of an entry that this process made, by the embedder in use. */
export const cachedVector = (
  { caches, embedder }: Pick<Platform, 'caches' | 'embedder'>,
  id: string,
): Float32Array | undefined => {
  const cached = caches.entryVectors.get(id);
  return cached?.model === embedder.model ? cached.vector : undefined;
};

/**
 * Embeds the entries that this process has not embedded yet, in one call, and keeps their vectors in memory. The store holds none:
 * each write of an item is charged by its size.
 * @throws RetryableError when the embedder cannot be reached
 */
export const embedEntries = async (
  platform: Platform,
  project: string,
  entries: readonly EntryText[],
  options: Pick<EmbedOptions, 'signal' | 'priority'> = {},
): Promise<void> => {
  const missing = entries.filter(({ id }) => cachedVector(platform, id) === undefined);
  if (missing.length === 0) return;
  const { embedder, caches } = platform;
  const texts = missing.map(({ text }) => text);
  const vectors = await embedder.embed(texts, { project, ...options });
  for (const [index, { id }] of missing.entries()) {
    const vector = vectors[index];
    if (vector) addToCache(caches, id, { model: embedder.model, vector });
  }
};

/** Like `embedEntries`, but logs a failure: the entries are found by their words until the indexer embeds them. */
export const tryEmbedEntries = async (
  platform: Platform,
  project: string,
  entries: readonly EntryText[],
  options: Pick<EmbedOptions, 'signal' | 'priority'> = {},
): Promise<void> => {
  try {
    await embedEntries(platform, project, entries, options);
  } catch (error) {
    const { code } = toErrorInfo(error);
    if (!options.signal?.aborted)
      platform.telemetry.log('warn', 'retrieval.without_entry_vectors', { project, code });
  }
};
