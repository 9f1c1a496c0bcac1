import type { DecideRequest } from '../../ports/language-model.ts';
import { type Found, outsideReasoning, stringIn, valuesIn } from './json-in-text.ts';
import { isChange, parseProposal } from './proposal.ts';
import { systemPrompt } from './system-prompt.ts';

/** Answer of the model, as unparsed changes. */
export interface Answer {
  elements: unknown[];
  /** The list of changes has no end, so the answer was cut off. */
  isTruncated: boolean;
}

export type ParseResult<T> = { ok: true; value: T } | { ok: false; problem: string };

/** Characters that are read from the end of a response, since reasoning precedes the answer. */
const maxCharacters = 131_072;
const maxNesting = 3;

/** Elements of an answer that a value is or contains; undefined for other values. */
const elementsOf = (value: unknown, depth = 0): unknown[] | undefined => {
  if (depth > maxNesting) return undefined;
  if (typeof value === 'string') return elementsOfText(value, depth);
  if (Array.isArray(value)) return elementsOfList(value, depth);
  if (typeof value !== 'object' || value === null) return undefined;
  if (isChange(value)) return [value];
  if ('changes' in value) return elementsOf(value.changes, depth + 1);
  const elements = Object.values(value)
    .slice(0, 20)
    .flatMap((member) => elementsOf(member, depth + 1) ?? []);
  return elements.length > 0 ? elements : undefined;
};

const elementsOfList = (list: readonly unknown[], depth: number): unknown[] | undefined => {
  if (list.length === 0 || list.some(isChange)) return [...list];
  return list.length === 1 ? elementsOf(list[0], depth + 1) : undefined;
};

/** Elements of a text that consists of a single JSON value. */
const elementsOfText = (text: string, depth: number): unknown[] | undefined => {
  const [value, ...others] = /^\s*[{[]/.test(text) ? valuesIn(text) : [];
  if (!value || others.length > 0 || text.slice(value.end).trim() !== '') return undefined;
  return elementsOf(value.value, depth + 1);
};

const nothing = 'no changes';

/** Fingerprints of the changes of an answer, equal for equal changes in another format or under another key. */
const fingerprintsOf = (elements: readonly unknown[]): string[] =>
  elements.length === 0
    ? [nothing]
    : elements.slice(0, 500).map((element) => {
        const read = parseProposal(element, Number.MAX_SAFE_INTEGER);
        if (!read.ok) return JSON.stringify(element).slice(0, 2_000);
        const { op, target, text, reason } = read.value;
        return JSON.stringify([op, target, text, op === 'NONE' ? reason : undefined]);
      });

const mayHoldAnswer = /\bop\b|\bchanges\b/;

/**
 * Fingerprints of the answers that a request itself contains, in its prompt, memories or messages. A model that quotes one
 * of them does not propose it: protection against prompt injection and against the example of the prompt.
 */
export const quotableAnswers = ({ turns, memories }: DecideRequest): Set<string> => {
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
      return elements ? fingerprintsOf(elements) : [];
    }),
  );
};

interface Candidate extends Found {
  elements: unknown[];
}

const blankBetween = /^[\s,]*$/;

/**
 * Joins single changes outside a complete list into an answer: all changes from the beginning of a list without an end,
 * otherwise the last run of changes with nothing in between.
 */
const joinChanges = (text: string, changes: readonly Candidate[]): Answer | undefined => {
  const isInList = (candidate: Candidate): boolean =>
    /\[\s*$/.test(text.slice(Math.max(0, candidate.start - 64), candidate.start));
  const opening = changes.findIndex(isInList);
  if (opening !== -1)
    return {
      elements: changes.slice(opening).flatMap(({ elements }) => elements),
      isTruncated: true,
    };
  const runStart = changes.findLastIndex(
    ({ start }, i) => i === 0 || !blankBetween.test(text.slice(changes[i - 1]?.end, start)),
  );
  const last = changes.slice(Math.max(0, runStart));
  return last.length === 0
    ? undefined
    : { elements: last.flatMap(({ elements }) => elements), isTruncated: false };
};

const lastAnswer = (text: string, quoted: ReadonlySet<string>, depth = 0): Answer | undefined => {
  const values = valuesIn(text);
  const { from, to } = outsideReasoning(text, values);
  const candidates = values
    .filter(({ start }) => start >= from && start < to)
    .flatMap((found): Candidate[] => {
      const elements = elementsOf(found.value);
      return elements ? [{ ...found, elements }] : [];
    });
  const own = candidates.filter(
    ({ elements }) => !fingerprintsOf(elements).every((fingerprint) => quoted.has(fingerprint)),
  );
  const complete = own.filter(({ value }) => !isChange(value));
  const answer = complete.findLast(
    ({ value, elements }) => elements.length > 0 || !Array.isArray(value),
  );
  if (answer) return { elements: answer.elements, isTruncated: false };
  const changes = joinChanges(
    text,
    own.filter(({ value }) => isChange(value)),
  );
  if (changes) return changes;
  const empty = complete.at(-1);
  if (empty) return { elements: empty.elements, isTruncated: false };
  const inString = depth < maxNesting ? stringIn(text.slice(from, to)) : undefined;
  return inString === undefined ? undefined : lastAnswer(inString, quoted, depth + 1);
};

/**
 * Finds the answer in the text of a model: the last complete one after its reasoning, whatever text surrounds it, except
 * answers that the request itself contains (`quoted`). A truncated answer yields its complete changes. `problem` quotes
 * nothing of the text.
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
