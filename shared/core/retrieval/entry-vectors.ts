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
  key: string,
  entry: EntryVector,
) => {
  cache.delete(key);
  cache.set(key, entry);
  const perVector = entry.vector.byteLength;
  for (const oldest of cache.keys()) {
    if (cache.size * perVector <= maxCachedBytes) return;
    cache.delete(oldest);
  }
};

/** Archives keep ids, so that entries of two projects may have one. */
const cacheKey = (project: string, id: string): string => `${project} ${id}`;

/** The vector of an entry that this process made, by the embedder in use. */
export const cachedVector = (
  { caches, embedder }: Pick<Platform, 'caches' | 'embedder'>,
  project: string,
  id: string,
): Float32Array | undefined => {
  const cached = caches.entryVectors.get(cacheKey(project, id));
  return cached?.model === embedder.model ? cached.vector : undefined;
};

/**
 * Embeds the entries that this process has not embedded yet, in one call, and keeps their vectors in memory, as many as fit. The store
 * holds none: each write of an item is charged by its size.
 * @returns the vectors of all entries that the embedder answered, by id
 * @throws RetryableError when the embedder cannot be reached
 */
export const embedEntries = async (
  platform: Platform,
  project: string,
  entries: readonly EntryText[],
  options: Pick<EmbedOptions, 'signal' | 'priority'> = {},
): Promise<Map<string, Float32Array>> => {
  const found = new Map<string, Float32Array>();
  for (const { id } of entries) {
    const cached = cachedVector(platform, project, id);
    if (cached) found.set(id, cached);
  }
  const missing = entries.filter(({ id }) => !found.has(id));
  if (missing.length === 0) return found;
  const { embedder, caches } = platform;
  const texts = missing.map(({ text }) => text);
  const vectors = await embedder.embed(texts, { project, ...options });
  for (const [index, { id }] of missing.entries()) {
    const vector = vectors[index];
    if (!vector) continue;
    addToCache(caches, cacheKey(project, id), { model: embedder.model, vector });
    found.set(id, vector);
  }
  return found;
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
