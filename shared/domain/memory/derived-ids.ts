/*
 * Ids of things that have no id of their own: a message is named by its turn and its position, a closed version by its memory
 * and its number. A dot separates the two parts; no other id has one.
 */

/** Positions and versions have at most seven digits, and no zero before them: each has one id. */
const form = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([mv])(0|[1-9]\d{0,6})$/;

/** Length of the id before the dot. */
const plainLength = 36;

const parse = (id: string, mark: 'm' | 'v'): { of: string; number: number } | undefined => {
  if (id[plainLength] !== '.') return undefined;
  const [, of = '', found, number] = form.exec(id) ?? [];
  return found === mark ? { of, number: Number(number) } : undefined;
};

/** Id of the message at a position of a turn. */
export const messageId = (turn: string, position: number): string => `${turn}.m${position}`;

/** The turn and the position that a message id names; undefined for any other id. */
export const parseMessageId = (id: string): { turn: string; position: number } | undefined => {
  const parts = parse(id, 'm');
  return parts && { turn: parts.of, position: parts.number };
};

/** Id of the closed version of a memory. */
export const closedVersionId = (memory: string, version: number): string => `${memory}.v${version}`;

/** The memory and the version that the id of a closed version names; undefined for any other id. */
export const parseClosedVersionId = (
  id: string,
): { memory: string; version: number } | undefined => {
  const parts = parse(id, 'v');
  return parts && { memory: parts.of, version: parts.number };
};

/** Whether a text has the form of the id of a message or of a closed version. */
export const isDerivedId = (text: string): boolean => form.test(text);
