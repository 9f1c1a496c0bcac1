import { invalid } from './http-error.ts';
import { limits } from './limits.ts';

const [quote, backslash, colon] = [0x22, 0x5c, 0x3a];

/** What a character outside of strings changes, by its code. */
const [depthSteps, valueSteps] = [new Int8Array(128), new Int8Array(128)];
for (const opening of '[{') depthSteps[opening.charCodeAt(0)] = 1;
for (const closing of ']}') depthSteps[closing.charCodeAt(0)] = -1;
for (const next of '[{,') valueSteps[next.charCodeAt(0)] = 1;

/** An odd number of backslashes stands before it. */
const isEscaped = (text: string, at: number): boolean => {
  let start = at;
  while (text.charCodeAt(start - 1) === backslash) start -= 1;
  return (at - start) % 2 === 1;
};

const endOfString = (text: string, start: number): number => {
  let end = text.indexOf('"', start + 1);
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end;
};

/** How far a text was read: values and levels so far, and between which positions the current top-level key stands. */
interface Reading {
  values: number;
  depth: number;
  key: readonly [number, number];
}

const refuseBeyond = (text: string, { values, depth, key }: Reading): void => {
  if (depth <= limits.bodyDepth && values <= limits.bodyValues) return;
  const field = text.slice(...key).slice(0, 200);
  if (depth > limits.bodyDepth)
    throw invalid(field, `The body is nested deeper than ${limits.bodyDepth} levels.`);
  throw invalid(field, `The body has more than ${limits.bodyValues} values.`);
};

/**
 * Refuses JSON of too many values or levels before anything is made of it: a parser spends up to 150 ms and 30 MB on a
 * megabyte of brackets, this pass about 2 ms and nothing. What is no JSON is left to the parser.
 * @throws HttpError 400 that names the top-level key it was found under
 */
export const checkStructure = (text: string): void => {
  const reading: Reading = { values: 1, depth: 0, key: [0, 0] };
  let lastString: Reading['key'] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === quote) {
      const end = endOfString(text, at);
      if (reading.depth === 1) lastString = [at + 1, end];
      at = end;
      continue;
    }
    if (character === colon && reading.depth === 1) reading.key = lastString;
    reading.depth += depthSteps[character] ?? 0;
    reading.values += valueSteps[character] ?? 0;
    refuseBeyond(text, reading);
  }
};
