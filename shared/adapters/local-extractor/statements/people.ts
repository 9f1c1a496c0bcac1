import type { Message } from '../../../domain/memory/turn.ts';

/** Speakers of a request by name, in a hash index: there may be thousands. */
export interface People {
  count: number;
  has(name: string): boolean;
  /** The only other speaker; undefined when there is none or more than one. */
  onlyOtherThan(speaker: string): string | undefined;
  /** Name of a speaker at the beginning of a text, in one or more words; empty when the text begins otherwise. */
  subjectOf(text: string): string;
  /** The sentence without names that it addresses at its end: "I like tea, Anna." */
  withoutAddressed(sentence: string): string;
}

const maxNameLength = 64;

const nameOf = ({ name }: Message): string | undefined => {
  const plain = name
    ?.slice(0, 4 * maxNameLength)
    .toWellFormed()
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, maxNameLength)
    .trim();
  return plain && !/^(?:user|human|me)$/i.test(plain) ? plain : undefined;
};

/** Speaker of the messages of an assistant that has no name. */
export const assistantSpeaker = 'Assistant';

/**
 * Speaker that "I" means in a message: the name of its author, "User" or "Assistant" without one; undefined for system messages
 * and tools.
 */
export const speakerOf = (message: Message): string | undefined => {
  if (message.role === 'user') return nameOf(message) ?? 'User';
  return message.role === 'assistant' ? (nameOf(message) ?? assistantSpeaker) : undefined;
};

/** Positions of `part` in a text, from `from` on. */
const positionsOf = (text: string, part: string, from: number): number[] => {
  const positions: number[] = [];
  for (let at = text.indexOf(part, from); at >= 0; at = text.indexOf(part, at + 1))
    positions.push(at);
  return positions;
};

const createPeople = (names: readonly string[]): People => {
  const order = new Map(names.map((name, at) => [name, at]));
  // Speakers without a name precede all names.
  const subjects = new Map([...order, ['User', -2], [assistantSpeaker, -1]]);

  const firstOf = (found: readonly string[], positions: ReadonlyMap<string, number>) =>
    found.toSorted((a, b) => (positions.get(a) ?? 0) - (positions.get(b) ?? 0))[0];

  /** First name in order, from position `from` on, that the end of the sentence addresses. */
  const addressedIn = (sentence: string, from: number): string | undefined => {
    if (!/[.!?]$/.test(sentence)) return undefined;
    const start = Math.max(0, sentence.length - maxNameLength - 3);
    const addressed = positionsOf(sentence, ', ', start)
      .map((at) => sentence.slice(at + 2, -1))
      .filter((name) => (order.get(name) ?? -1) >= from);
    return firstOf(addressed, order);
  };

  return {
    count: order.size,
    has: (name) => order.has(name),
    onlyOtherThan(speaker) {
      if (order.size - (order.has(speaker) ? 1 : 0) !== 1) return undefined;
      return names.find((name) => name !== speaker);
    },
    subjectOf(text) {
      const opening = text.slice(0, maxNameLength + 3);
      const found = positionsOf(opening, ' ', 0).flatMap((at) => {
        const words = opening.slice(0, at);
        return [words, ...(words.endsWith("'s") ? [words.slice(0, -2)] : [])].filter((name) =>
          subjects.has(name),
        );
      });
      return firstOf(found, subjects) ?? '';
    },
    withoutAddressed(sentence) {
      let rest = sentence;
      let from = 0;
      for (;;) {
        const name = addressedIn(rest, from);
        if (name === undefined) return rest;
        rest = rest.slice(0, -name.length - 3) + rest.slice(-1);
        from = (order.get(name) ?? 0) + 1;
      }
    },
  };
};

/** Named speakers of all turns, each once, in order of their first message. */
export const peopleIn = (turns: readonly { readonly messages: readonly Message[] }[]): People =>
  createPeople([
    ...new Set(
      turns.flatMap(({ messages }) => messages.flatMap((message) => nameOf(message) ?? [])),
    ),
  ]);

const introduced =
  /\b(?:named|called|name is|wife|husband|partner|girlfriend|boyfriend|fianc[eé]e?|mother|mom|father|dad|son|daughter|brother|sister|cousin|boss|manager|roommate|friend|dog|cat|puppy|kitten)(?: is(?: named| called)?)?,? ((?!I\b)[A-Z][\p{L}'-]+(?: and [A-Z][\p{L}'-]+)?)/gu;

/** Names of people and pets that a fact introduces, as in "a dog named Rex" or "their wife Anna". */
export const namesIn = (fact: string): string[] =>
  [...fact.matchAll(introduced)].flatMap(([, names = '']) => names.split(' and '));

const nameAsSubject =
  /^(\p{Lu}[\p{L}'-]+)(?:'s)? (?:\w+ )?(?:is|was|has|had|likes|loves|hates|works|worked|lives|lived|turned|died|passed|got|started|moved|will|plays|speaks|wants|needs|eats|prefers|enjoys|goes|just|does|'s)\b/u;

/** Whether the subject of a sentence is one of the known names, or belongs to one. */
export const isAboutKnownName = (sentence: string, names: ReadonlySet<string>): boolean => {
  const [, name] = nameAsSubject.exec(sentence) ?? [];
  return name !== undefined && names.has(name.replace(/'s$/, ''));
};
