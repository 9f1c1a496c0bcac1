import type { Message, Turn } from '../../domain/memory/turn.ts';
import { withoutSecrets } from '../../domain/sensitive/asked-secrets.ts';
import type { Platform } from '../../ports/platform.ts';
import { conversationOf } from '../retrieval/conversation.ts';
import { createPace } from '../yield-to-loop.ts';

/** Messages before a turn that a model is shown, and the characters of each. */
const maxMessages = 10;
const maxChars = 400;

/**
 * Returns the last messages that were said before a turn in the same conversation, without secrets and shortened, oldest first: context
 * for a language model. Rules need none, nor do texts without inference.
 * @param failures of decisions about the turn so far. After one there is no context, which may be the cause
 */
export const earlierMessages = async (
  platform: Platform,
  turn: Turn | undefined,
  failures = 0,
): Promise<Message[]> => {
  const isShown = turn?.options.infer && platform.languageModel.quality === 'model';
  if (!isShown || failures > 0) return [];
  const { project, entities, id } = turn;
  const said = await conversationOf(platform, project, entities, maxMessages, id);
  const { messages } = await withoutSecrets(
    said.map(({ message }) => message),
    createPace(platform).pause,
  );
  return messages.map(({ role, name, content }) => ({
    role,
    ...(name !== undefined && { name }),
    content: content.slice(0, maxChars).toWellFormed(),
  }));
};
