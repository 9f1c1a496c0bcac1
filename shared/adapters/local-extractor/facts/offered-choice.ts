import type { Message } from '../../../domain/memory/turn.ts';

/** A preference that a choice shows, and why. */
export interface OfferedChoice {
  text: string;
  reasoning: string;
}

/** Bounds of the texts that are read, in characters, and of the options. */
const maxOffer = 2_000;
const maxAnswer = 200;
const maxOptionLength = 40;
const maxOptions = 8;

const bracketed = /\[([^\][]{5,300})\]/;
const listed =
  /\b(?:consider|choose between|recommend|suggest|options are|there (?:is|are)|such as|have|offer)\b:? ([^.!?\n]{5,300})/i;
const bullet = /^[ \t]{0,8}(?:[-*•]|\d{1,2}[.)])[ \t]{1,4}(\S.{1,39})$/gm;

const split = (list: string): string[] =>
  list
    .split(/,\s*(?:and |or )?|;\s*| or | and /)
    .map((option) => option.replace(/^(?:the|an?) /i, '').trim())
    .filter((option) => option !== '');

const isOption = (option: string): boolean =>
  option.length <= maxOptionLength && option.split(' ').length <= 5 && /\p{Lu}|\d/u.test(option);

/** Options that a message of the assistant offers by name: a bracketed or bulleted list, or one behind a word of advice. */
const optionsIn = (offer: string): string[] => {
  const bullets = [...offer.matchAll(bullet)].map(([, option = '']) => option.trim());
  const list = bracketed.exec(offer)?.[1] ?? listed.exec(offer)?.[1];
  const options = (bullets.length > 1 ? bullets : split(list ?? '')).filter(isOption);
  return [...new Set(options)].slice(0, maxOptions);
};

const choice =
  /\b(?:choose|chose|pick|take|go with|book|prefer|decide[d]? on|opt for|stay at|order)\b/i;
const refusal = /\b(?:not|never|n't|rather than|instead of|except)\b|n['’]t\b/i;

/** The only option that an answer takes; undefined if it names none or several, or refuses one. */
const chosenIn = (answer: string, options: readonly string[]): string | undefined => {
  const lower = answer.toLowerCase();
  if (answer.length > maxAnswer || !choice.test(answer) || refusal.test(answer)) return undefined;
  const named = options.filter((option) => lower.includes(option.toLowerCase()));
  return named.length === 1 ? named[0] : undefined;
};

/**
 * Returns what a choice among offered options suggests about the speaker: a weak preference, with the options and with what was not
 * said as its reasoning. Undefined where the rules cannot say why.
 * @param answer message of the speaker, right behind `offer`
 */
export const choiceAmongOffered = (
  offer: Message,
  answer: Message,
  speaker: string,
): OfferedChoice | undefined => {
  if (offer.role !== 'assistant' || answer.role !== 'user') return undefined;
  const options = optionsIn(offer.content.slice(0, maxOffer));
  const chosen = options.length > 1 ? chosenIn(answer.content, options) : undefined;
  if (chosen === undefined) return undefined;
  const others = options.filter((option) => option !== chosen).join(', ');
  return {
    text: `${speaker} may prefer ${chosen} to ${others}.`,
    reasoning: `${speaker} chose ${chosen} among ${options.join(', ')}. The reason was not said, nor whether it holds for other occasions.`,
  };
};
