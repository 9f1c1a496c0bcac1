import { toErrorInfo } from '../../domain/errors.ts';
import { messageText } from '../../domain/memory/turn.ts';
import type { EmbedOptions } from '../../ports/embedder.ts';
import type { MessageVector, Platform } from '../../ports/platform.ts';
import { messageEntryId, type SpokenMessage } from './messages.ts';

/** Bound of the cache: bytes of all its vectors. */
const maxCachedBytes = 16 * 1024 * 1024;

/**
 * Text of a message that is embedded. The speaker is part of its meaning: questions name people, and call the person that
 * memories are about `User` (`queryMeaning`).
 */
const textOf = ({ message }: SpokenMessage): string => {
  const speaker = message.name ?? (message.role === 'user' ? 'User' : undefined);
  return speaker === undefined ? messageText(message) : `${speaker}: ${messageText(message)}`;
};

const addToCache = (
  { messageVectors: cache }: Platform['caches'],
  id: string,
  entry: MessageVector,
) => {
  cache.delete(id);
  cache.set(id, entry);
  const perVector = entry.vector.byteLength;
  for (const oldest of cache.keys()) {
    if (cache.size * perVector <= maxCachedBytes) return;
    cache.delete(oldest);
  }
};

/** The vector of a message that this process made, by the embedder in use. */
export const cachedVector = (
  { caches, embedder }: Pick<Platform, 'caches' | 'embedder'>,
  message: SpokenMessage,
): Float32Array | undefined => {
  const cached = caches.messageVectors.get(messageEntryId(message));
  return cached?.model === embedder.model ? cached.vector : undefined;
};

/**
 * Embeds the messages that this process has not embedded yet, and keeps their vectors in memory.
 * @throws RetryableError when the embedder cannot be reached
 */
export const embedMessages = async (
  platform: Platform,
  project: string,
  messages: readonly SpokenMessage[],
  options: Pick<EmbedOptions, 'signal' | 'priority'> = {},
): Promise<void> => {
  const missing = messages.filter((message) => cachedVector(platform, message) === undefined);
  if (missing.length === 0) return;
  const { embedder, caches } = platform;
  const vectors = await embedder.embed(missing.map(textOf), { project, ...options });
  for (const [index, message] of missing.entries()) {
    const vector = vectors[index];
    if (vector) addToCache(caches, messageEntryId(message), { model: embedder.model, vector });
  }
};

/** Like `embedMessages`, but logs a failure: the messages are found by their words until the indexer embeds them. */
export const tryEmbedMessages = async (
  platform: Platform,
  project: string,
  messages: readonly SpokenMessage[],
  options: Pick<EmbedOptions, 'signal' | 'priority'> = {},
): Promise<void> => {
  try {
    await embedMessages(platform, project, messages, options);
  } catch (error) {
    const { code } = toErrorInfo(error);
    if (!options.signal?.aborted)
      platform.telemetry.log('warn', 'messages.without_vectors', { project, code });
  }
};
