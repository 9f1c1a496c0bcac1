const irregularPast = new Set(
  (
    'was were had did got went came saw knew took made met found lost left felt thought bought brought taught caught ' +
    'fought sought told said sold built sent spent lent bent kept slept swept wept meant dealt heard held led fed ' +
    'ran sat stood understood won began drank sang swam rang sank drove rode wrote rose chose froze spoke broke woke ' +
    'wore tore swore threw grew flew drew blew gave forgave forgot ate fell hid bit lit paid laid quit born become became overcame ' +
    'stuck struck stole shook shot slid spun hung dug won dreamt learnt burnt withdrew undertook mistook bred'
  ).split(' '),
);
const presentInEd = new Set(
  'need feed speed breed bleed seed weed heed exceed proceed succeed embed shed wed bed'.split(' '),
);

/** Verbs with the same form in past and present. */
const unchanging = new Set(
  'read put cut set let hit hurt cost shut split spread bet beat'.split(' '),
);

const modals = new Set(
  'can could will would shall should may might must cannot ought is has does'.split(' '),
);

const irregularThird: ReadonlyMap<string, string> = new Map([
  ['am', 'is'],
  ['are', 'is'],
  ['were', 'was'],
  ['have', 'has'],
  ['do', 'does'],
  ['go', 'goes'],
]);

export const isModal = (verb: string): boolean => modals.has(verb);

/** Whether a verb is in the past tense or a past participle, judged by its form. */
export const isPast = (verb: string): boolean =>
  irregularPast.has(verb) || (/[a-z]{2}ed$/.test(verb) && !presentInEd.has(verb));

/** "live" -> "lives"; past, modal and third-person forms stay. `past`: the sentence is in the past tense. */
export const thirdPerson = (verb: string, past = false): string => {
  const irregular = irregularThird.get(verb);
  if (irregular !== undefined) return irregular;
  if (/[a-z]{2}ing$/.test(verb) && !/^(?:bring|swing|cling|sting|fling)$/.test(verb)) return verb;
  if (isModal(verb) || isPast(verb) || (past && unchanging.has(verb)) || !/^[a-z-]+$/.test(verb))
    return verb;
  if (/[^aeiou]y$/.test(verb)) return `${verb.slice(0, -1)}ies`;
  return /(?:s|x|z|ch|sh|o)$/.test(verb) ? `${verb}es` : `${verb}s`;
};

export type Tense = 'past' | 'present' | 'future';

const futureCue =
  /\b(?:reminded|will|shall|going to|plan(?:s|ning)? to|hop(?:e|es|ing) to|about to|(?:am|are|is) (?:\w+ly )?\w+ing|would like to|want to|need to|have to)\b/i;

/** Tense of a sentence by its cues: decides whether a bare weekday or month lies in the past or in the future. */
export const tenseOf = (text: string): Tense => {
  if (futureCue.test(text)) return 'future';
  const words = text.toLowerCase().match(/[a-z]+/g) ?? [];
  return words.some(isPast) ? 'past' : 'present';
};
