import { termsOf } from '../../domain/terms.ts';
import type { Turn } from '../../domain/turn.ts';

/** Bounds, in characters, on what a memory borrows from its surroundings. */
const sourceLength = 800;
const previousLength = 400;

/** As much of what was said right before as is borrowed. */
export const borrowed = (text: string): string => text.slice(0, previousLength);

/** The message a text rests on: the one named, else the one that shares most words with it. */
export const sourceOf = (turn: Turn, named: number | undefined, text: string): number => {
  if (named !== undefined && turn.messages[named]) return named;
  const wanted = new Set(termsOf(text));
  let best = 0;
  let most = -1;
  for (const [index, message] of turn.messages.entries()) {
    const shared = new Set(termsOf(message.content.slice(0, 4 * sourceLength)));
    const overlap = [...wanted].filter((term) => shared.has(term)).length;
    if (overlap > most) {
      best = index;
      most = overlap;
    }
  }
  return best;
};

const days = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
});

/** What a memory is found by: the fact, its source, what was said right before, and the day it was said. */
export const indexTextOf = (
  turn: Turn,
  text: string,
  source: number,
  before: string | undefined,
): string => {
  const message = turn.messages[source];
  const said = message ? `${message.name ?? ''} ${message.content}`.trim() : '';
  const previous = source > 0 ? turn.messages[source - 1]?.content : before;
  return [
    text,
    ...(said && said !== text ? [said.slice(0, sourceLength)] : []),
    ...(previous ? [borrowed(previous)] : []),
    days.format(turn.observedAt),
  ].join('\n');
};
