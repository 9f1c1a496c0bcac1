/** Kinds of things that questions ask for, "what pets does Ana have?", with everyday things of each kind: an answer has one of these. */

/** Length of the start of a text that is looked at. */
const maxScannedChars = 2_000;

/** Words of a question, and everyday things of that kind, each without its ending: "dog", "hik". */
const kinds: readonly (readonly [asked: string, things: string])[] = [
  [
    'pet|animal',
    'dog|pupp|cat|kitten|rabbit|bunn|hamster|guinea pig|bird|parrot|fish|turtle|tortoise|snake|lizard|horse|pon|chicken|duck|goat|sheep|cow|pig|frog|elephant|lion|tiger|bear|dolphin|deer',
  ],
  ['instrument', 'guitar|piano|violin|cello|flute|drum|trumpet|sax|clarinet|harp|ukulele|banjo'],
  [
    'sport|exercise|workout|martial art',
    'football|soccer|basketball|baseball|tennis|golf|hockey|volleyball|rugby|swim|swimm|runn|jogg|cycl|bik|hik|climb|yoga|pilates|box|kickbox|karate|judo|wrestl|surf|ski|snowboard|skat|gymnastic|sail|weight|lift|gym|marathon|aerobic|danc|dance|badminton',
  ],
  [
    'hobb|activit|pastime|free time|for fun|interest',
    'paint|draw|pottery|photograph|read|writ|cook|bak|garden|knitt|sew|hik|camp|fish|swimm|runn|cycl|bik|yoga|meditat|danc|sing|play|game|gam|chess|puzzle|craft|movie|museum|kayak|surf|ski|climb|walk|picnic|concert|volunteer',
  ],
  ['book|novel|stor|author', 'book|novel|read|trilog|series|memoir|fantas|myster|thriller'],
  [
    'children|kid|sibling|famil|relative',
    'son|daughter|brother|sister|bab|mom|mum|mother|dad|father|parent|grand(?:ma|pa|kid)|aunt|uncle|cousin|niece|nephew|wife|husband',
  ],
  [
    'food|dish|meal|recipe|dessert|snack|cooked|baked|eat|eaten',
    'pizza|pasta|salad|soup|cake|cookie|bread|pie|ice ?cream|chocolate|cheese|chicken|fish|steak|burger|taco|sushi|curr|rice|noodle|stew|sandwich|pancake|cupcake|muffin|vegetable|fruit|roast',
  ],
  [
    'music|musician|band|artist|song|concert|singer',
    'concert|band|song|album|singer|festival|jazz|rock|classical',
  ],
  [
    'game|console',
    'chess|monopoly|scrabble|poker|xbox|playstation|nintendo|tournament|gam|play|played|card|puzzle',
  ],
  [
    'art|artwork|paint|painted|drawing|sculpture',
    'paint|painted|sunset|sunrise|landscape|portrait|abstract|canvas|sketch|drawing|sculpture',
  ],
  [
    'event|part|celebrat',
    'part|parade|concert|festival|conference|workshop|meet|wedd|birthday|fair|marathon|show|exhibit|ceremon|race|speech|graduation',
  ],
];
const ending = '(?:s|es|y|ies|ing|ings|e|ed)?';

const titled = /["“]\p{L}/u;
/** Kinds of which an answer may be a title in quotation marks. */
const hasTitle = /book|music|game/;
const placed =
  /\b(?:in|at|to|from|near|around|of|visit(?:ed|ing)?|explor(?:ed|ing)) (?:the )?(?!(?:January|February|March|April|May|June|July|August|September|October|November|December|I)\b)\p{Lu}\p{L}/u;
const asksPlace =
  /\b(?:countr(?:y|ies)|cit(?:y|ies)|states?|places?|areas?|locations?|destinations?|regions?|where|travel(?:l?ed)?|visit(?:ed)?|trips?|vacations?)\b/i;

interface Kind {
  asked: RegExp;
  answers: readonly RegExp[];
}

/** Patterns of all kinds. Made by the first search that needs them. */
let known: readonly Kind[] | undefined;

const allKinds = (): readonly Kind[] => [
  ...kinds.map(([asked, things]) => ({
    asked: new RegExp(`\\b(?:${asked})${ending}\\b`, 'i'),
    answers: [
      new RegExp(`\\b(?:${things})${ending}\\b`, 'i'),
      ...(hasTitle.test(asked) ? [titled] : []),
    ],
  })),
  { asked: asksPlace, answers: [placed] },
];

/** Returns whether a text has a thing of a kind that the query asks for; texts are scanned only for that. English only. */
export const ofAskedKind = (query: string): ((text: string) => boolean) => {
  known ??= allKinds();
  const start = query.slice(0, maxScannedChars);
  const answers = known.filter(({ asked }) => asked.test(start)).flatMap((kind) => kind.answers);
  if (answers.length === 0) return () => false;
  return (text) => {
    const scanned = text.length > maxScannedChars ? text.slice(0, maxScannedChars) : text;
    return answers.some((answer) => answer.test(scanned));
  };
};
