import { isOccupation } from './occupations.ts';
import type { Slot, SlotRule } from './slot.ts';
import { headOf, stemsOf } from './values.ts';

const group = (match: RegExpExecArray, i = 1): string => match[i] ?? '';
const lead = '(?:now |currently |still |also |just |recently |has |have |actually )*';

const employer = (phrase: string): Slot[] =>
  phrase === '' || /^(?:an?|home|the (?:day|night|weekend)|\d|myself|themselves)\b/i.test(phrase)
    ? []
    : [{ key: 'employer', value: stemsOf(phrase), one: true }];

/** `replaces`: the words say that it is the job now, not one of several things somebody is. */
const role = (phrase: string, replaces: boolean): Slot[] => {
  const title = headOf(phrase).replace(/ (?:at|in|of) .*$/s, '');
  return isOccupation(title) ? [{ key: 'role', value: stemsOf(title), one: replaces }] : [];
};

const roleAt = (match: RegExpExecArray, replaces: boolean): Slot[] => {
  const found = role(group(match), replaces);
  return found.length > 0 ? [...found, ...employer(group(match, 2))] : [];
};

const ended = (slots: readonly Slot[]): Slot[] =>
  slots.map((slot) => ({ ...slot, ended: true, event: true }));

/** Whom somebody works for, and as what. */
export const workRules: readonly SlotRule[] = [
  [
    new RegExp(
      `^(?=.*$)${lead}(?:works|is working|is employed)(?: now| full-time| part-time| remotely)* as (?:an? |the )?(.+?)(?: (?:at|for|with) (.+))?$`,
      'i',
    ),
    (match) => roleAt(match, true),
  ],
  [
    new RegExp(
      `^(?=.*$)${lead}(?:became|promoted to|was promoted to|got promoted to|been promoted to|started as|started working as|got a job as|is now)(?: an?| the)? (.+?)(?: (?:at|for|with) (.+))?$`,
      'i',
    ),
    (match) => roleAt(match, true),
  ],
  [
    new RegExp(`^(?=.*$)${lead}is (?:an?|the) (.+?)(?: (?:at|for|with) (.+))?$`, 'i'),
    (match) => roleAt(match, false),
  ],
  [
    new RegExp(
      `^(?=.*$)${lead}(?:works|is working|is employed)(?: now| full-time| part-time| remotely)* (?:at|for|by|with) (.+)$`,
      'i',
    ),
    (match) => employer(group(match)),
  ],
  [
    /^(?=.*$)(?:just |recently |has |have )*(?:joined|started (?:working |work |a new job |a job |an internship |a new position )?(?:at|with|for)|got (?:a|the|their|hired)(?: new)?(?: job)? (?:at|with|by)|accepted (?:an?) (?:offer|job|position) (?:at|from|with)) ((?:the )?[A-Z0-9].*)$/,
    (match) => employer(group(match)),
  ],
  [
    /^(?=.*$)(?:just |recently |has |have )*(?:left|quit|resigned from|was (?:fired|laid off) (?:from|by|at))(?: their (?:old )?job (?:at|with))? ([A-Z0-9].*?)(?: (?:for|to join|to work (?:at|for)|and joined) ([A-Z0-9].*))?$/,
    (match) => {
      const next = employer(group(match, 2));
      return next.length > 0 ? next : ended(employer(group(match)));
    },
  ],
];
