import type { Slot, SlotRule } from './slot.ts';
import { headOf, stemsOf } from './slot.ts';

const occupations = new Set(
  (
    'accountant actor actress administrator advisor analyst animator architect artist assistant astronomer attorney author baker ' +
    'banker barber barista bartender biologist blogger bookkeeper builder butcher captain carpenter cashier ceo cfo chef chemist ' +
    'choreographer cleaner coach comedian composer consultant contractor cook coordinator copywriter counselor cto curator dancer ' +
    'dentist designer detective developer dietitian director doctor driver economist editor electrician engineer entrepreneur ' +
    'executive farmer firefighter florist founder freelancer gardener geologist guard hairdresser historian illustrator ' +
    'instructor intern interpreter investor janitor jeweler journalist judge landscaper lawyer lecturer librarian lifeguard ' +
    'linguist machinist magician manager marketer masseuse mathematician mechanic midwife model musician nanny neurologist nurse ' +
    'nutritionist officer operator optician painter paralegal paramedic pediatrician pharmacist photographer physician physicist ' +
    'physiotherapist pilot plumber poet policeman politician principal producer professor programmer psychiatrist psychologist ' +
    'realtor receptionist recruiter reporter researcher sailor salesman salesperson scientist sculptor secretary singer ' +
    'soldier specialist statistician strategist student sommelier supervisor surgeon surveyor tailor teacher technician therapist ' +
    'trader trainer translator tutor vet veterinarian videographer vp waiter waitress welder writer zoologist barrister solicitor ' +
    'dev sysadmin admin postdoc apprentice trainee beekeeper'
  ).split(' '),
);

/** Whether the last word of a noun phrase ("senior data engineer") is an occupation. */
export const isOccupation = (phrase: string): boolean =>
  occupations.has(
    phrase
      .toLowerCase()
      .split(/[\s-]+/)
      .at(-1) ?? '',
  );

const group = (match: RegExpExecArray, i = 1): string => match[i] ?? '';
const lead = '(?:now |currently |still |also |just |recently |has |have |actually )*';

const employer = (phrase: string): Slot[] =>
  phrase === '' || /^(?:an?|home|the (?:day|night|weekend)|\d|myself|themselves)\b/i.test(phrase)
    ? []
    : [{ key: 'employer', value: stemsOf(phrase), one: true }];

/**
 * Role of the subject. `one`: the phrase states the present job, which replaces the former one, not one of several
 * roles.
 */
const role = (phrase: string, one: boolean): Slot[] => {
  const title = headOf(phrase).replace(/ (?:at|in|of) .*$/s, '');
  return isOccupation(title) ? [{ key: 'role', value: stemsOf(title), one }] : [];
};

const roleAt = (match: RegExpExecArray, one: boolean): Slot[] => {
  const found = role(group(match), one);
  return found.length > 0 ? [...found, ...employer(group(match, 2))] : [];
};

const ended = (slots: readonly Slot[]): Slot[] =>
  slots.map((slot) => ({ ...slot, ended: true, event: true }));

/** Employer and role. */
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
      `^(?=.*$)${lead}(?:became|promoted to|was promoted to|got promoted to|been promoted to|started as|started working as|got a job as|is now|(?:was|been|got) made|made|retrained as|trained as)(?: an?| the)? (.+?)(?: (?:at|for|with) (.+))?$`,
      'i',
    ),
    (match) => roleAt(match, true),
  ],
  [
    new RegExp(`^(?=.*$)${lead}is (?:an?|the) (.+?)(?: (?:at|for|with) (.+))?$`, 'i'),
    (match) => roleAt(match, /\b(?:now|these days)\b/.test(group(match, 0))),
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
