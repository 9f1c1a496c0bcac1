import { analyze } from '../../../domain/memory/analyzer.ts';
import { possessionRules } from './possession-rules.ts';
import { type Slot, type SlotRule, stemsOf } from './slot.ts';
import { tasteRules } from './taste-rules.ts';
import { isOccupation, workRules } from './work-rules.ts';

const group = (match: RegExpExecArray, i = 1): string => match[i] ?? '';

/** Single-valued attributes; dogs, sisters and friends are not. */
const single =
  /^(?:(?:\w+ )?(?:address|email|e-mail|number|phone|birthday|birthdate|username|password|handle|time zone|timezone|height|weight|size|budget|goal|job|title|position|major|hometown|language|tongue|pronouns|boss|manager|wife|husband|partner|girlfriend|boyfriend|fianc[eé]e?|nickname|employer|company|school|university|doctor|dentist|therapist|blood type|zodiac sign|star sign|nationality|religion|order|car|salary|rent|landlord|last name|surname|middle name|maiden name))$/i;
/** People, whose attribute is a name: "User's boss is a joke" says nothing of that. */
const person =
  /^(?:new |old )?(?:boss|manager|wife|husband|partner|girlfriend|boyfriend|fianc[eé]e?|landlord|doctor|dentist|therapist)$/i;
const vague =
  /^(?:being|having|getting|doing|going|coming|feeling|looking|so|very|really|also|still|not|always|a bit|great|good|bad|fine|sick|here|back|happy|there)\b/i;

/** Rules for predicates after "User's". */
const attributeRules: readonly SlotRule[] = [
  [
    /^(?=.*$)(?:all-time |current |new )*favorite (.+?) (?:is|are)(?: now| currently)? (.+)$/i,
    (match) => [
      { key: `favorite:${stemsOf(group(match))}`, value: stemsOf(group(match, 2)), one: true },
    ],
  ],
  [
    /^(?=.*$)([a-z][a-z' -]{2,30}?) (?:turns|turned|is)(?: now)? (\d{1,3})(?= years old| in \w| on \d|[.,]|$)/i,
    (match) => [{ key: `age:${stemsOf(group(match))}`, value: group(match, 2), one: true }],
  ],
  [
    /^(?=.*$)([a-z][a-z' -]{2,30}?)(?:'s)? (is|works as|is now|now works as|became|(?:has )?become|(?:has )?(?:retrained|trained) as|started as|was promoted to|got promoted to|(?:was|has been|got) made) (?:an? |the )?((?:[\w-]+ ){0,2}?[\w-]+)(?: (?:at|in|for|with|since|now|these) .*)?$/i,
    (match) =>
      isOccupation(group(match, 3))
        ? [
            {
              key: `role of:${stemsOf(group(match))}`,
              value: stemsOf(group(match, 3)),
              one: group(match, 2).toLowerCase() !== 'is' || /\bnow\b/.test(group(match, 0)),
            },
          ]
        : [],
  ],
  [
    /^(?:full |first |real )?name is (.+)$/i,
    (match) => [{ key: 'name', value: stemsOf(group(match)), one: true }],
  ],
  [
    /^(?=.*$)(new |current )?((?:[\w'-]+ ){0,2}[\w'-]+) (?:is|are)(?: now| currently)?(?: on| called| named)? (.+)$/i,
    (match) => {
      const attribute = group(match, 2);
      const value = group(match, 3);
      if (vague.test(value)) return [];
      if (person.test(attribute) && /^(?:an?|the|such|like|so|my|their|not) \p{Ll}/u.test(value))
        return [];
      const one = single.test(attribute) && (!/^car$/i.test(attribute) || /^an? [A-Z]/.test(value));
      return [{ key: `attribute:${analyze(attribute).join(' ')}`, value: stemsOf(value), one }];
    },
  ],
];

const one = (key: string, value: string) => [{ key, value, one: true }];
const lead = '^(?:now |currently |still |also |just |recently |has |have |mostly |actually )*';
const rule = (body: string, read: SlotRule[1]): SlotRule => [new RegExp(lead + body, 'i'), read];

const streets =
  '(?:street|st|road|rd|lane|avenue|ave|drive|close|square|court|terrace|gardens|row|hill|quay|boulevard|crescent|stra(?:ss|ß)e|gasse|platz|rue|via)';

/** Residence, name, age, marital status, diet and reply language. */
const stateRules: readonly SlotRule[] = [
  rule(
    `(?:lives|is living|resides)(?: now| currently)? (?:in|on|at) ((?:\\d+\\w? )?(?:[\\p{L}'.-]+ ){1,3}?${streets})(?:$|[.,; ])`,
    (match) => one('street', stemsOf(group(match))),
  ),
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

const rules: readonly SlotRule[] = [...stateRules, ...workRules, ...tasteRules, ...possessionRules];

const negate = (slot: Slot): Slot => {
  if (slot.key.startsWith('taste:')) return { ...slot, value: slot.value === '+' ? '-' : '+' };
  return { ...slot, ended: true };
};

const firstMatch = (rulesInOrder: readonly SlotRule[], predicate: string): Slot[] => {
  for (const [pattern, read] of rulesInOrder) {
    const match = pattern.exec(predicate);
    const slots = match ? read(match) : [];
    if (slots.length > 0) return slots;
  }
  return [];
};

/**
 * Slots of a predicate. `owned`: the predicate follows "User's", not "User". `negative`: a negation was removed from
 * it.
 */
export const slotsOf = (
  predicate: string,
  { owned, negative }: { owned: boolean; negative: boolean },
): Slot[] => {
  const slots = firstMatch(owned ? attributeRules : rules, predicate);
  return negative ? slots.map(negate) : slots;
};
