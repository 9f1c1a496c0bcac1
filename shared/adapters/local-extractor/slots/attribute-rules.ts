import { analyze } from '../../../domain/memory/analyzer.ts';
import type { SlotRule } from './slot.ts';
import { stemsOf } from './values.ts';

const group = (match: RegExpExecArray, i = 1): string => match[i] ?? '';

/** Attributes of which there is one at a time; of dogs, sisters and friends there may be several. */
const single =
  /^(?:(?:\w+ )?(?:address|email|e-mail|number|phone|birthday|birthdate|username|password|handle|time zone|timezone|height|weight|size|budget|goal|job|title|position|major|hometown|language|tongue|pronouns|boss|manager|wife|husband|partner|girlfriend|boyfriend|fianc[eé]e?|nickname|employer|company|school|university|doctor|dentist|therapist|blood type|zodiac sign|star sign|nationality|religion|order|car|salary|rent|landlord|last name|surname|middle name|maiden name))$/i;
const vague =
  /^(?:being|having|getting|doing|going|coming|feeling|looking|so|very|really|also|still|not|always|a bit|great|good|bad|fine|sick|here|back|happy|there)\b/i;

/** What follows "User's". */
export const attributeRules: readonly SlotRule[] = [
  [
    /^(?=.*$)(?:all-time |current |new )*favorite (.+?) (?:is|are)(?: now| currently)? (.+)$/i,
    (match) => [
      { key: `favorite:${stemsOf(group(match))}`, value: stemsOf(group(match, 2)), one: true },
    ],
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
      const one = single.test(attribute) && (!/^car$/i.test(attribute) || /^an? [A-Z]/.test(value));
      return [{ key: `attribute:${analyze(attribute).join(' ')}`, value: stemsOf(value), one }];
    },
  ],
];
