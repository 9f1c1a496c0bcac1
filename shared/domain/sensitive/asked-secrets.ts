import type { Message } from '../memory/turn.ts';
import { type Repeated, redactRepeated, redactText } from './redact-text.ts';
import { addRedactions, type RedactionCounts, type RedactionRules } from './sensitive.ts';

/** Kinds that refinement does not store word for word, unless a message asks for it. */
const secrets: RedactionRules = {
  password: 'mask',
  key: 'mask',
  card: 'mask',
  iban: 'mask',
  national_id: 'mask',
};

const verbs = '(?:remember|note|save|store|keep|memori[sz]e|write down)';
/** A request of the user to keep what the message says. */
const asks = new RegExp(
  `(?:^|[.!?;:,\\n]\\s{0,3}|\\b(?:please|also|you|you to) )(?:${verbs}|do not forget|don['’]?t forget)\\b`,
  'i',
);
/** A request not to keep it. */
const forbids = new RegExp(
  `\\b(?:do not|don['’]?t|never|not to|without) (?:\\w{1,20} ){0,3}?(?:${verbs}|remembering|saving|storing|keeping)\\b`,
  'i',
);

const isAsked = ({ role, content }: Pick<Message, 'role' | 'content'>): boolean =>
  role === 'user' && asks.test(content) && !forbids.test(content);

/**
 * Replaces passwords, PINs, keys, tokens, card numbers, IBANs and national ids in messages by what they are, and a password that one
 * of the messages names in the others, too. A message of the user that asks to remember its secret stays unchanged.
 * @param pause called between messages
 */
export const withoutSecrets = async <M extends Pick<Message, 'role' | 'content'>>(
  messages: readonly M[],
  pause: () => Promise<void>,
): Promise<{ messages: M[]; redacted?: RedactionCounts }> => {
  const repeated: Repeated = new Set();
  let redacted: RedactionCounts | undefined;
  const each = async (given: readonly M[], redact: typeof redactRepeated): Promise<M[]> => {
    const safe: M[] = [];
    for (const message of given) {
      await pause();
      if (isAsked(message)) {
        safe.push(message);
        continue;
      }
      const { text, counts } = redact(message.content, secrets, repeated);
      redacted = addRedactions(redacted, counts);
      safe.push(text === message.content ? message : { ...message, content: text });
    }
    return safe;
  };
  const once = await each(messages, redactText);
  const safe = repeated.size > 0 ? await each(once, redactRepeated) : once;
  return { messages: safe, ...(redacted && { redacted }) };
};
