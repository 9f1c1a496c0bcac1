import type { SlotRule } from './slot.ts';
import { stemsOf } from './values.ts';

const one = (key: string, value: string) => [{ key, value, one: true }];
const lead = '^(?:now |currently |still |also |just |recently |has |have |mostly |actually )*';
const rule = (body: string, read: SlotRule[1]): SlotRule => [new RegExp(lead + body, 'i'), read];
const group = (match: RegExpExecArray, i = 1): string => match[i] ?? '';

/** Where and who somebody is. */
export const stateRules: readonly SlotRule[] = [
  rule(
    '(?:lives|is living|resides|is based|is located|is residing)(?: now| currently)? in ((?!an? )(?!the (?:house|apartment|city|suburbs|country)).+)$',
    (match) => one('residence', stemsOf(group(match))),
  ),
  [
    /^(?=.*$)(?:just |recently |has |have )*(?:moved|relocated)(?: back)?(?: from .+?)? to ([A-Z].+)$/,
    (match) => one('residence', stemsOf(group(match))),
  ],
  rule('(?:prefers to be called|goes by|is nicknamed) (.+)$', (match) =>
    one('preferred name', stemsOf(group(match))),
  ),
  rule('(?:is named|is called) (.+)$', (match) => one('name', stemsOf(group(match)))),
  rule(
    '(?:is|turned)(?: an?)? (\\d{1,3})(?:$| years? old| today| now| this year| on \\d|[- ]year[- ]old)',
    (match) => one('age', group(match)),
  ),
  rule('was born on (.+)$', (match) => one('attribute:birthday', stemsOf(group(match)))),
  rule(
    '(?:is|got|been|is getting)(?: now| recently| happily| newly)? (married|single|divorced|engaged|widowed|separated)\\b',
    (match) => one('marital status', group(match).toLowerCase()),
  ),
  rule(
    '(?:is|became|went|gone|been|turned|eats|follows|keeps)(?: now| currently| mostly| strictly| a strict)?(?: an?)?(?: strict)? (vegan|vegetarian|pescatarian|keto|paleo|kosher|halal|gluten[- ]free|omnivore|low[- ]carb)\\b',
    (match) => one('diet', stemsOf(group(match))),
  ),
  rule('(?:eats|started eating|is eating) meat(?: again)?$', () => one('diet', 'meat')),
  rule(
    '(?:wants|would like|needs|prefers)(?: the assistant)?(?: to)?(?: always| only)* (?:answer|reply|respond|speak|talk|write|communicate|answers|replies|responses)(?: to them| with them| back)?(?: only)? in (\\w+(?: english)?)\\b',
    (match) => one('reply language', group(match).toLowerCase()),
  ),
];
