import { type ReadingBudget, readValue, type WholeValue } from './lenient-json.ts';

/** A value that stands in a text. */
export interface Found extends WholeValue {
  start: number;
}

/** Looks at each character, on average, before reading stops. */
const looksPerCharacter = 6;

const budgetFor = (text: string): ReadingBudget => ({
  left: looksPerCharacter * text.length + 256,
});

const brackets = /[{[]/g;

/** Every whole object and array in a text, outermost first found; what stands inside of one is not listed again. */
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

/** The value of a text that is nothing but one JSON string. */
export const stringIn = (text: string): string | undefined => {
  const trimmed = text.trim();
  if (!/^["']/.test(trimmed)) return undefined;
  const whole = readValue(trimmed, 0, budgetFor(trimmed));
  return typeof whole?.value === 'string' && whole.end === trimmed.length ? whole.value : undefined;
};

/** A tag of a thinking model around its thoughts, or what is left of one that closed them. */
const thoughtTag =
  /<(\/?)(?:think(?:ing)?|thought|reasoning|reflection)>|(?<![\w</])think(?:ing)?>/gi;

/**
 * Position from which on a text is not thoughts any more, and the one from which on it is thoughts again that nothing
 * closed. Tags inside the values that were found are text of theirs.
 */
export const outsideThoughts = (
  text: string,
  values: readonly Found[],
): { from: number; to: number } => {
  let from = 0;
  let to = text.length;
  let next = 0;
  for (const { 0: tag, 1: slash, index } of text.matchAll(thoughtTag)) {
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
