import type { DecideRequest } from '../../ports/language-model.ts';
import { type Found, outsideThoughts, stringIn, valuesIn } from './json-in-text.ts';
import { isChange, readProposal } from './proposal.ts';
import { systemPrompt } from './system-prompt.ts';

/** Elements of the answer that counts. */
export interface Answer {
  elements: unknown[];
  /** Whether more was to come: the list of changes does not end. */
  isCut: boolean;
}

export type ParseResult<T> = { ok: true; value: T } | { ok: false; problem: string };

/** Characters of an answer that are read: its last ones, for thoughts come first. */
const maxCharacters = 131_072;
const maxNesting = 3;

/** Elements of the answer that a value is or holds; undefined where it is none. */
const elementsOf = (value: unknown, depth = 0): unknown[] | undefined => {
  if (depth > maxNesting) return undefined;
  if (typeof value === 'string') return elementsOfText(value, depth);
  if (Array.isArray(value)) return elementsOfList(value, depth);
  if (typeof value !== 'object' || value === null) return undefined;
  if (isChange(value)) return [value];
  if ('changes' in value) return elementsOf(value.changes, depth + 1);
  const held = Object.values(value)
    .slice(0, 20)
    .flatMap((member) => elementsOf(member, depth + 1) ?? []);
  return held.length > 0 ? held : undefined;
};

const elementsOfList = (list: readonly unknown[], depth: number): unknown[] | undefined => {
  if (list.length === 0 || list.some(isChange)) return [...list];
  return list.length === 1 ? elementsOf(list[0], depth + 1) : undefined;
};

/** A text that is nothing but one value. */
const elementsOfText = (text: string, depth: number): unknown[] | undefined => {
  const [value, ...others] = /^\s*[{[]/.test(text) ? valuesIn(text) : [];
  if (!value || others.length > 0 || text.slice(value.end).trim() !== '') return undefined;
  return elementsOf(value.value, depth + 1);
};

const nothing = 'no changes';

/** Change by change, what an answer says, so that the same in other spaces or under another key is the same. */
const sayings = (elements: readonly unknown[]): string[] =>
  elements.length === 0
    ? [nothing]
    : elements.slice(0, 500).map((element) => {
        const read = readProposal(element, Number.MAX_SAFE_INTEGER);
        if (!read.ok) return JSON.stringify(element).slice(0, 2_000);
        const { op, target, text, reason } = read.value;
        return JSON.stringify([op, target, text, op === 'NONE' ? reason : undefined]);
      });

const mayHoldAnswer = /\bop\b|\bchanges\b/;

/** What answers say that stand in a request itself: a model that quotes them does not propose them. */
export const quotable = ({ turns, memories }: DecideRequest): Set<string> => {
  const texts = [
    systemPrompt,
    ...memories.map(({ text }) => text),
    ...turns.flatMap(({ messages, options }) => [
      ...messages.flatMap(({ content, name }) => [content, name ?? '']),
      ...[options.instructions, options.includes, options.excludes].map((rule) => rule ?? ''),
    ]),
  ].filter((text) => mayHoldAnswer.test(text));
  const forms = texts.flatMap((text) =>
    text.includes('\\') ? [text, text.replaceAll('\\', '')] : [text],
  );
  return new Set(
    forms.flatMap(valuesIn).flatMap(({ value }) => {
      const elements = elementsOf(value);
      return elements ? sayings(elements) : [];
    }),
  );
};

interface Candidate extends Found {
  elements: unknown[];
}

const blankBetween = /^[\s,]*$/;

/** Changes that stand alone: those of a list that does not end all belong together, others where nothing is between them. */
const joined = (text: string, alone: readonly Candidate[]): Answer | undefined => {
  const isInList = (candidate: Candidate): boolean =>
    /\[\s*$/.test(text.slice(Math.max(0, candidate.start - 64), candidate.start));
  const opening = alone.findIndex(isInList);
  if (opening !== -1)
    return { elements: alone.slice(opening).flatMap(({ elements }) => elements), isCut: true };
  const apart = alone.findLastIndex(
    ({ start }, i) => i === 0 || !blankBetween.test(text.slice(alone[i - 1]?.end, start)),
  );
  const last = alone.slice(Math.max(0, apart));
  return last.length === 0
    ? undefined
    : { elements: last.flatMap(({ elements }) => elements), isCut: false };
};

const lastAnswer = (text: string, quoted: ReadonlySet<string>, depth = 0): Answer | undefined => {
  const values = valuesIn(text);
  const { from, to } = outsideThoughts(text, values);
  const held = values
    .filter(({ start }) => start >= from && start < to)
    .flatMap((found): Candidate[] => {
      const elements = elementsOf(found.value);
      return elements ? [{ ...found, elements }] : [];
    });
  const own = held.filter(({ elements }) => !sayings(elements).every((said) => quoted.has(said)));
  const whole = own.filter(({ value }) => !isChange(value));
  const answer = whole.findLast(
    ({ value, elements }) => elements.length > 0 || !Array.isArray(value),
  );
  if (answer) return { elements: answer.elements, isCut: false };
  const changes = joined(
    text,
    own.filter(({ value }) => isChange(value)),
  );
  if (changes) return changes;
  const empty = whole.at(-1);
  if (empty) return { elements: empty.elements, isCut: false };
  const inString = depth < maxNesting ? stringIn(text.slice(from, to)) : undefined;
  return inString === undefined ? undefined : lastAnswer(inString, quoted, depth + 1);
};

/**
 * The answer in what a model wrote: the last whole one after its thoughts, whatever is around it, and never one that stands
 * in the request itself (`quoted`). Of an answer that was cut off, the changes that are whole. The problem quotes nothing of it.
 */
export const parseResponse = (
  content: string,
  quoted: ReadonlySet<string>,
): ParseResult<Answer> => {
  const answer = lastAnswer(content.slice(-maxCharacters), quoted);
  return answer
    ? { ok: true, value: answer }
    : { ok: false, problem: 'It holds no whole JSON object {"changes":[...]}.' };
};
