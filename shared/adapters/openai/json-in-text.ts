import { type ParsedValue, type ReadingBudget, readValue } from './lenient-json.ts';

/** JSON value found in a text. */
export interface Found extends ParsedValue {
  start: number;
}

/** Budget of the parser: average number of reads per character. */
const readsPerCharacter = 6;

const budgetFor = (text: string): ReadingBudget => ({
  left: readsPerCharacter * text.length + 256,
});

const brackets = /[{[]/g;

/** All complete objects and arrays in a text, in order; nested ones are not listed separately. */
export const valuesIn = (text: string): Found[] => {
  const budget = budgetFor(text);
  const found: Found[] = [];
  for (let start = nextBracket(text, 0); start !== -1; ) {
    if (budget.left <= 0) break;
    const whole = readValue(text, start, budget);
    if (whole) found.push({ start, ...whole });
    start = nextBracket(text, whole?.end ?? start + 1);
  }
  return found;
};

const nextBracket = (text: string, from: number): number => {
  brackets.lastIndex = from;
  return brackets.exec(text)?.index ?? -1;
};

/** Value of a text that consists of a single JSON string. */
export const stringIn = (text: string): string | undefined => {
  const trimmed = text.trim();
  if (!/^["']/.test(trimmed)) return undefined;
  const whole = readValue(trimmed, 0, budgetFor(trimmed));
  return typeof whole?.value === 'string' && whole.end === trimmed.length ? whole.value : undefined;
};

/** Tag around the reasoning of a model, or the rest of a closing tag. */
const reasoningTag =
  /<(\/?)(?:think(?:ing)?|thought|reasoning|reflection)>|(?<![\w</])think(?:ing)?>/gi;

/**
 * Part of a text after the reasoning: `from` is the end of the last closing tag, `to` the start of reasoning that is never
 * closed. Tags inside the found values are ignored.
 */
export const outsideReasoning = (
  text: string,
  values: readonly Found[],
): { from: number; to: number } => {
  let from = 0;
  let to = text.length;
  let next = 0;
  for (const { 0: tag, 1: slash, index } of text.matchAll(reasoningTag)) {
    while ((values[next]?.end ?? Number.POSITIVE_INFINITY) <= index) next += 1;
    if ((values[next]?.start ?? Number.POSITIVE_INFINITY) <= index) continue;
    const opens = tag.startsWith('<') && slash === '';
    if (opens) to = Math.min(to, index);
    else {
      from = index + tag.length;
      to = text.length;
    }
  }
  return { from, to };
};
