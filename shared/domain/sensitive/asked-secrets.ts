import type { Message } from '../memory/turn.ts';
import { redactText } from './redact-text.ts';
import type { RedactionCounts, RedactionRules } from './sensitive.ts';

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

const isAsked = ({ role, content }: Message): boolean =>
  role === 'user' && asks.test(content) && !forbids.test(content);

/**
 * Replaces passwords, PINs, keys, tokens, card numbers, IBANs and national ids in a message by what they are. A message of the user that asks
 * to remember its secret stays unchanged.
 */
export const withoutSecrets = (message: Message): { message: Message; counts: RedactionCounts } => {
  if (isAsked(message)) return { message, counts: {} };
  const { text, counts } = redactText(message.content, secrets);
  const isSafe = text === message.content;
  return { message: isSafe ? message : { ...message, content: text }, counts };
};
