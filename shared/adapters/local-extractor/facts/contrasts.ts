import type { ParsedFact } from './parsed-fact.ts';

/** A state of a subject, and statements that end it: a new partner ends being single. */
interface Contrast {
  state: RegExp;
  after: RegExp;
}

const contrasts: readonly Contrast[] = [
  {
    state: /\bis (?:\w+ly )?single\b/i,
    after:
      /\b(?:met someone|is (?:dating|seeing|engaged|married|in a relationship|taken)|got (?:together|engaged|married)|(?:has|has got|got) an? (?:new )?(?:boyfriend|girlfriend|partner|fianc[eé]e?))\b/i,
  },
  {
    state: /\bis (?:\w+ )?engaged\b/i,
    after: /\b(?:got married|is married|called off the (?:wedding|engagement)|tied the knot)\b/i,
  },
  {
    state: /\bis (?:an? )?(?:vegan|vegetarian|pescatarian)\b(?! on\b)/i,
    after:
      /\b(?:eats|eating|started eating|ate) (?:meat|viande|carne|fleisch|vlees|chicken|beef|pork|steak|burgers|everything|fish and meat)\b.{0,20}\b(?:again|now|these days|maintenant|ahora|jetzt|wieder|agora|adesso)\b/i,
  },
  {
    state:
      /\b(?:stays?|staying|lives?|living|crash(?:es|ing)|is back|moved back) (?:in )?(?:at|with) (?:their|User's) (?:mum|mom|mother|dad|father|parents|folks|sister|brother|friend|in-laws|grandma)\b/i,
    after:
      /\b(?:found|got|has|have|rented|bought|moved into) (?:their|User's|an?) own (?:place|flat|apartment|house|home|studio|room)\b/i,
  },
  {
    state: /\bhas (?:an?|one|two|three|four) (?:kids?|child|children|daughters?|sons?)\b/i,
    after:
      /\b(?:(?:baby|kid|child) (?:number|no\.?) (?:two|three|four|five|\d)|(?:second|third|fourth|fifth) (?:baby|kid|child)) (?:is here|is born|has |just |finally )*(?:arrived|was born|is here|is born|came)\b/i,
  },
  {
    state: /\b(?:has no|does not have(?: any)?) (?:kids?|children)\b/i,
    after:
      /\b(?:has (?:got )?an? |had an? |have an? )(?:\w+ )?(?:baby|son|daughter|boy|girl|kid|child|newborn)\b/i,
  },
  {
    state: /\b(?:is|are) (?:dating|seeing|engaged to|going out with|together with)\b/i,
    after:
      /\band (?-i:\p{Lu})[\p{L}'-]+ (?:(?:have|has|just|are) )*(?:split|broke up|broken up|separated|over|done|called it)\b/iu,
  },
  {
    state: /\b(?:baby|child|twins?) (?:is|are|will be) (?:an? )?(?:boy|son)/i,
    after: /\bit is (?:actually )?an? girl\b/i,
  },
  {
    state: /\b(?:baby|child|twins?) (?:is|are|will be) (?:an? )?(?:girl|daughter)/i,
    after: /\bit is (?:actually )?an? boy\b/i,
  },
  {
    state: /\b(?:is|eats) (?:\w+ )?(?:gluten[- ]free|celiac|coeliac|gluten intolerant)\b/i,
    after:
      /\b(?:(?:is|are) not (?:actually )?(?:celiac|coeliac|gluten intolerant)|(?:eats?|can eat|eating) (?:bread|gluten|pasta|wheat)\b)/i,
  },
  {
    state: /\b(?:is|are) (?:lactose intolerant|dairy[- ]free)\b/i,
    after:
      /\b(?:can (?:have|eat|drink)|eats?|drinks?|tolerates?) (?:\w+ )?(?:dairy|milk|cheese|lactose)\b/i,
  },
  {
    state: /\b(?:is (?:sober|teetotal|dry)|does not drink(?: alcohol)?)\b/i,
    after:
      /\b(?:drinks? again|started drinking|has (?:a|the odd|an occasional) (?:beer|drink|glass|wine|cocktail|pint)|relapsed)\b/i,
  },
  {
    state:
      /\b(?:broken|fractured|sprained|broke|in (?:a )?(?:cast|plaster)|on crutches|a plaster)\b/i,
    after:
      /^(?:User's|The|User) .{0,20}\b(?:(?:cast|plaster|splint|boot|crutches|bandage)s? (?:is|are|was|were|came|has come|have come) (?:off|out|gone)|(?:is |got )?(?:off|rid of|out of) (?:the|their|a) (?:cast|plaster|splint|boot|crutches|bandage)|(?:got|had) (?:the|their) (?:cast|plaster|splint|boot|bandage) (?:off|removed))\b/i,
  },
  ...['braces', 'stitches'].map((thing) => ({
    state: new RegExp(`\\bhas (?:got )?${thing}\\b`, 'i'),
    after: new RegExp(
      `^(?:User's|The|User) .{0,20}\\b(?:${thing} (?:is|are|was|were|came|have|has) (?:come )?(?:off|out|gone)|rid of (?:the|their) ${thing}|(?:the|their) ${thing} (?:off|out|removed))\\b`,
      'i',
    ),
  })),
  {
    state: /\bcannot have (?:kids|children)\b/i,
    after: /\b(?:is|are) (?:pregnant|expecting)\b/i,
  },
  {
    state: /\b(?:is|are) in debt\b/i,
    after: /\b(?:debt[- ]free|paid off (?:the|their|all) (?:debts?|loans?))\b/i,
  },
  {
    state:
      /\b(?:drinks?|has) (?:[\w'-]+ ){0,3}(?:wine|beers?|alcohol|gin|whisky|whiskey|cocktails?|vodka)\b/i,
    after: /\b(?:is (?:now )?(?:sober|teetotal|dry)|(?:stopped|quit|gave up) drinking)\b/i,
  },
  {
    state: /\b(?:stays?|staying|is visiting|lodges?) (?:(?:with|at) )?User\b/i,
    after: /\b(?:went|is|flew|has gone|drove) (?:back )?home\b|\bleft\b/i,
  },
  {
    state: /\b(?:are|is) in .{2,30} (?:until|till|for)\b/i,
    after: /\b(?:came|is|are|got|went|flew|has come|have come) (?:back|home)\b/i,
  },
  {
    state:
      /\b(?:cannot drive|(?:license|licence) is (?:suspended|revoked|gone)|lost (?:their|the) licen[cs]e)\b/i,
    after: /\bgot (?:their|the) (?:driving |driver's )?licen[cs]e back\b/i,
  },
  {
    state: /\bis (?:back )?in (?:the )?(?:hospital|rehab|intensive care|icu)\b/i,
    after:
      /\b(?:came home|is (?:back )?home|is out of (?:the )?(?:hospital|rehab|icu)|was discharged|got discharged|went home)\b/i,
  },
  {
    state: /\b(?:is (?:unemployed|jobless|between jobs|out of work)|lost their job)\b/i,
    after:
      /\b(?:started (?:working )?(?:at|as|with)|starts at|works (?:at|for|as)|was hired|got hired)\b/i,
  },
  {
    state: /\b(?:rents|is renting)\b/i,
    after:
      /\bbought (?:an? |their |the |our )(?:[a-z]+ )?(?:flat|house|apartment|place|home|condo)\b/i,
  },
  {
    state:
      /\b(?:goes to|is in|attends) (?:the )?(?:kindergarten|nursery|daycare|preschool|day care)\b/i,
    after: /\b(?:started|starts|is in|goes to) (?:primary |elementary )?school\b/i,
  },
  {
    state: /\bis (?:an? )?(?:\w+ )?(?:student|undergraduate|at university|at uni|in college)\b/i,
    after: /\b(?:graduated|finished (?:university|uni|college|their degree)|dropped out)\b/i,
  },
  {
    state: /\b(?:learning to drive|taking driving lessons|has no (?:driving )?licen[cs]e)\b/i,
    after:
      /\b(?:passed (?:their|the) (?:driving|road) test|got their (?:driving |driver's )?licen[cs]e)\b/i,
  },
  {
    state: /\blives (?:alone|by themselves|on their own)\b/i,
    after:
      /\b(?:moved in with|lives with|moved in together|User's [a-z]+(?: has|'s)? moved in|got a (?:roommate|flatmate))\b/i,
  },
  {
    state:
      /\b(?:is|are) (?:off sick|away|abroad|on (?:\w+ )?(?:leave|sick leave|holiday|vacation|sabbatical|a business trip|tour))\b/i,
    after:
      /\b(?:(?:is |went |got |are |started |came )?back (?:at|to|in) (?:work|the office)|(?:is|are) back(?=[.,!]|$| (?:now|again|from|since|today|early))|came (?:home|back))\b/i,
  },
  ...['car', 'bike', 'job', 'passport', 'licen[cs]e'].map((thing) => ({
    state: new RegExp(`\\b(?:has no|does not have an?) ${thing}\\b`, 'i'),
    after: new RegExp(`\\b(?:bought|got|has) (?:an?|their) (?:new |first |own )?${thing}\\b`, 'i'),
  })),
  {
    state: /\b(?:has no|does not have (?:an?|any)) pets?\b/i,
    after:
      /\b(?:bought|got|has|adopted) (?:an?|their) (?:new |first |own )?(?:pet|dog|cat|puppy|kitten)\b/i,
  },
];

const owner = /^(?:User's [\p{L}-]+|User\b|(?:The|Their) [\p{L}-]+|\p{Lu}[\p{L}'-]*)/iu;

/** Subject of a fact: "User", "User's brother", "Max". */
const ownerOf = (text: string): string => owner.exec(text)?.[0].toLowerCase() ?? '';

const haveOneOwner = (text: string, other: string): boolean => ownerOf(text) === ownerOf(other);

/** Whether a fact about a speaker names the thing of the speaker that another is about: "User's licence". */
const isOfThing = (text: string, other: string): boolean => {
  const thing = /^User's ([a-z]+) is\b/.exec(other)?.[1];
  return (
    thing !== undefined && new RegExp(`^User got (?:their|the) (?:\\w+ )?${thing}\\b`).test(text)
  );
};

/** Whether a fact ends a state of its subject, or of the user whom it names: "User's boyfriend moved in" ends living alone. */
const endsState = (text: string, other: string, { state, after }: Contrast): boolean => {
  const ended = state.test(other) ? after.exec(text)?.[0] : undefined;
  return (
    ended !== undefined &&
    (isOfThing(text, other) || /^(?:User|the|it)\b/i.test(ended) || haveOneOwner(text, other))
  );
};

const sensitivity =
  /\bis (?:\w+ly )?(?:allergic|intolerant) to (?:the )?([\p{L}-]{3,30})|\bcannot (?:eat|have|drink|stand) ([\p{L}-]{3,30})/iu;
const bears = (thing: string): RegExp =>
  new RegExp(
    `\\b(?:fine with|can (?:eat|have|drink)|(?:eats|drinks|has)|tolerates?|not allergic to|grew out of|outgrew) (?:the |their |some )?${thing}\\b`,
    'iu',
  );

const misread = (thing: string): RegExp =>
  new RegExp(
    `\\b${thing}\\b[^.]{0,40}\\b(?:misdiagnosis|mistake|false alarm)|misdiagnosed[^.]{0,40}\\b${thing}\\b|\\b(?:was|is) not (?:the )?${thing}\\b`,
    'iu',
  );

const skill = /\b(?:cannot|can not|does not know how to) ([a-z]{3,15})\b/i;
const learnt = (verb: string): RegExp =>
  new RegExp(`\\b(?:learn(?:ed|t) (?:how )?to ${verb}|can ${verb}|${verb}s (?:now|again))\\b`, 'i');

/** A part of the body, a thing or an animal that is not well, and one that is so again. */
const unwell =
  /^(?:User's |The |Their )?([\p{L}' -]{2,30}?) (?:hurts?|aches?|(?:is|are|has been|got) (?:\w+ly )?(?:sore|broken|sprained|injured|swollen|infected|dying|sick|ill|down|leaking|in the (?:shop|garage)|at the (?:garage|mechanic)|being (?:repaired|fixed|renovated)))\b/iu;
const well =
  /\b(?:(?:is|are|feels?|works?|runs?) (?:\w+ly |all )?(?:fine|good|ok|okay|better|great|well|back|repaired|fixed)?(?: again)?|recovered|healed|picked (?:the|their|it)|got (?:the|their|it) .{2,30} back|stopped (?:hurting|aching|leaking))\b/i;

const isWellAgain = (text: string, other: string): boolean => {
  const thing = unwell.exec(other)?.[1]?.split(' ').at(-1);
  return (
    thing !== undefined &&
    (ownerOf(text) === 'user' ||
      haveOneOwner(text, other) ||
      new RegExp(`^(?:The )?${thing}\\b`, 'iu').test(text)) &&
    !unwell.test(text) &&
    new RegExp(`\\b${thing}\\b`, 'iu').test(text) &&
    well.test(text) &&
    /\b(?:again|now|recovered|healed|back|picked|stopped|fixed|repaired|fine|better)\b/i.test(text)
  );
};

const awaits =
  /\b(?:(?:waiting|saving|saving up|hoping) for|on (?:a|the) waiting list for|applied for) (?:an? |the |their )?(?:new )?([\p{L}-]{3,20})/iu;
const isThere = (thing: string): RegExp =>
  new RegExp(
    `\\b(?:(?:got|bought|received|was granted|has) (?:an? |the |their )?(?:new )?${thing}\\b|${thing} (?:has |is |was |just |finally )*(?:came through|arrived|here|approved|granted|ready))`,
    'iu',
  );

/** Whether a fact says that something is there for which the subject waited or saved. */
const isFulfilled = (text: string, other: string): boolean => {
  const thing = awaits.exec(other)?.[1];
  return thing !== undefined && !/\bnot\b/.test(text) && isThere(thing).test(text);
};

/** Whether a fact is the opposite of a known state of the same subject. A fact of another subject ends nothing. */
export const isContrary = ({ text }: ParsedFact, other: ParsedFact): boolean => {
  if (other.negative && !/\b(?:has no|does not (?:have|drink|eat))\b/i.test(other.text))
    return false;
  if (isWellAgain(text, other.text) || isFulfilled(text, other.text)) return true;
  const verb = skill.exec(other.text)?.[1];
  if (contrasts.some((contrast) => endsState(text, other.text, contrast))) return true;
  if (!haveOneOwner(text, other.text)) return false;
  if (verb !== undefined && learnt(verb).test(text)) return true;
  const [, first, second] = sensitivity.exec(other.text) ?? [];
  const thing = first ?? second;
  return (
    thing !== undefined &&
    (misread(thing).test(text) ||
      bears(thing).test(text) ||
      new RegExp(
        `\\b${thing} (?:is|are) (?:totally |actually |now )?(?:fine|ok|okay|no problem)\\b`,
        'iu',
      ).test(text)) &&
    /\b(?:again|now|fine|after all|outgrew|grew out|misdiagnos\w*|mistake|alarm|was not)\b/i.test(
      text,
    )
  );
};
