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

/** The short form of a weekday, which is no verb: "on Sat". */
const saturday =
  /(?<=\b(?:on|this|next|last|by|until|till|from|to|every|each|is) )sat\b|\bSat\b(?! (?:down|in|with)\b)/gi;

/** "I have got a test", where nothing has happened. */
const hasGot =
  /\b(?:have|has|[’']ve) got (?!(?:to|rid|into|in|out|over|back|up|off|down|through|on|married|engaged|divorced|lost|drunk|sick|better|worse|used|home|pregnant|stuck|caught|hurt|hit|cut|made|put|set|sent|told|taken|given|chosen|new|through)\b|\w+ed\b)/gi;

const couldNot =
  /\bcould(?: not|n[’']t)\b|\b(?:should|could|would|might|must|may)(?: not|n[’']t)? have (?:been|gone|had|done|come|seen|met|left|\w{2,}ed)\b/i;

/** Tense of a sentence by its cues: decides whether a bare weekday or month lies in the past or in the future. */
export const tenseOf = (text: string): Tense => {
  if (futureCue.test(text)) return 'future';
  const words =
    text
      .replace(saturday, '')
      .replace(hasGot, 'have ')
      .toLowerCase()
      .match(/[a-z]+/g) ?? [];
  return words.some(isPast) || couldNot.test(text) ? 'past' : 'present';
};

/** Boundaries of the clause that a date belongs to. */
const boundary =
  /[,;:.!?] | (?:and|but|so|because|that|which|said|says|wrote|told (?:me|us)|texted|since|while) /gi;
/** A subject with a verb in the present, or a verb of a timetable: "we get the keys", "the results come". */
const isOfPresent =
  /\b(?:(?:I|we|he|she|they|it|you) (?:\w+ly )?[a-z]+|come|comes|start|starts|end|ends|leaves?|arrives?|lands?|opens?|closes?|retires?|flies|begins?|gets?|returns?|expires?|staying|is|are|am|has|have)\b/i;

/** Tense of the clause around a position, if it has a verb of its own or a semicolon in front, otherwise of the whole text. */
export const tenseAt = (text: string, index: number, end: number): Tense => {
  let from = 0;
  let to = text.length;
  let isSeparate = false;
  for (const found of text.matchAll(boundary)) {
    if (found.index + found[0].length <= index) {
      from = found.index + found[0].length;
      isSeparate = found[0].startsWith(';');
    } else if (found.index >= end) {
      to = found.index;
      break;
    }
  }
  const clause = text.slice(from, to);
  const tense = tenseOf(clause);
  const isOwn = isSeparate || tense !== 'present' || isOfPresent.test(clause);
  return isOwn ? tense : tenseOf(text);
};
