/** Kinds of things that questions ask for, "what pets does Ana have?", with everyday things of each kind: an answer has one of these. */

/** Length of the start of a text that is looked at. */
const maxScannedChars = 2_000;

/** Words of a question, and everyday things of that kind, each as alternatives of a pattern. */
const kinds: readonly (readonly [asked: string, things: string])[] = [
  [
    'pets?|animals?',
    'dogs?|pupp(?:y|ies)|cats?|kittens?|rabbits?|bunn(?:y|ies)|hamsters?|guinea pigs?|birds?|parrots?|fish|goldfish|turtles?|tortoises?|snakes?|lizards?|horses?|pon(?:y|ies)|chickens?|ducks?|goats?|sheep|cows?|pigs?|frogs?|elephants?|lions?|tigers?|bears?|dolphins?|whales?|deer|fox(?:es)?|wol(?:f|ves)|monkeys?',
  ],
  [
    'instruments?',
    'guitars?|piano|violin|viola|cello|flute|drums?|trumpet|saxophone|sax|clarinet|harp|ukulele|banjo|keyboard|harmonica|trombone|accordion|oboe',
  ],
  [
    'sports?|exercises?|workouts?|martial arts?',
    'football|soccer|basketball|baseball|tennis|golf|hockey|volleyball|rugby|cricket|swim(?:ming)?|running|jog(?:ging)?|cycling|biking|hik(?:e|es|ing)|climbing|yoga|pilates|box(?:ing)?|kickboxing|karate|judo|taekwondo|wrestling|fencing|surf(?:ing)?|ski(?:ing)?|snowboard(?:ing)?|skat(?:e|ing)|gymnastics|rowing|sailing|weights?|weightlifting|lifting|gym|marathon|triathlon|aerobics|zumba|dance|dancing|badminton|squash',
  ],
  [
    'hobb(?:y|ies)|activit(?:y|ies)|pastimes?|free time|for fun|to relax|interests?',
    'paint(?:ing)?|draw(?:ing)?|pottery|photography|read(?:ing)?|writ(?:e|ing)|cook(?:ing)?|bak(?:e|ing)|garden(?:ing)?|knit(?:ting)?|sew(?:ing)?|hik(?:e|es|ing)|camp(?:ing)?|fishing|swim(?:ming)?|running|cycling|biking|yoga|meditat(?:e|ion|ing)|danc(?:e|ing)|sing(?:ing)?|play(?:ing)?|gam(?:es|ing)|chess|puzzles?|crafts?|movies?|museums?|kayak(?:ing)?|surf(?:ing)?|ski(?:ing)?|climbing|walks?|picnics?|concerts?|volunteer(?:ing)?',
  ],
  [
    'books?|novels?|stor(?:y|ies)|authors?',
    'books?|novels?|reading|read|trilogy|series|memoir|biography|fantasy|mystery|thriller|chapters?|author',
  ],
  [
    'children|kids|siblings?|famil(?:y|ies)|relatives?',
    'sons?|daughters?|brothers?|sisters?|bab(?:y|ies)|toddlers?|mom|mum|mother|dad|father|parents|grandma|grandpa|grandmother|grandfather|grandkids|grandchildren|aunts?|uncles?|cousins?|nieces?|nephews?|wife|husband|twins?',
  ],
  [
    'foods?|dish(?:es)?|meals?|recipes?|desserts?|snacks?|cook(?:ed)?|bak(?:e|ed)|eat(?:en)?',
    'pizza|pasta|salads?|soups?|cakes?|cookies?|bread|pies?|tarts?|ice ?cream|chocolate|cheese|chicken|fish|salmon|steak|burgers?|tacos?|sushi|curry|rice|noodles|stew|sandwich(?:es)?|pancakes?|cupcakes?|muffins?|brownies?|smoothies?|vegetables?|veggies|fruits?|berries|lasagna|roast',
  ],
  [
    'music|musicians?|bands?|artists?|songs?|concerts?|singers?',
    'concerts?|bands?|songs?|albums?|singers?|festivals?|jazz|rock|pop|classical|hip[- ]hop|blues|gigs?',
  ],
  [
    'games?|consoles?',
    'chess|monopoly|scrabble|poker|checkers|xbox|playstation|nintendo|tournament|gaming|played|playing|cards|puzzles?',
  ],
  [
    'art|artworks?|paint(?:ed|ings?)?|drawings?|sculptures?',
    'paint(?:ed|ing)|sunset|sunrise|landscapes?|portraits?|self-portraits?|abstract|watercolou?rs?|canvas|sketch(?:es)?|drawing|mural|sculptures?|still life',
  ],
  [
    'events?|part(?:y|ies)|celebrat\\w{1,5}',
    'party|parade|concert|festival|conference|workshop|meeting|wedding|birthday|fair|marathon|show|exhibit(?:ion)?|ceremony|gala|fundraiser|reunion|picnic|race|speech|graduation',
  ],
];

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
    asked: new RegExp(`\\b(?:${asked})\\b`, 'i'),
    answers: [new RegExp(`\\b(?:${things})\\b`, 'i'), ...(hasTitle.test(asked) ? [titled] : [])],
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
