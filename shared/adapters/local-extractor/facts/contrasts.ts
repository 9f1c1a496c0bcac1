import type { ParsedFact } from './parsed-fact.ts';

/** A state, and what is said once it is over: nobody is single who has met someone. */
interface Contrast {
  state: RegExp;
  after: RegExp;
}

const contrasts: readonly Contrast[] = [
  {
    state: /\bis (?:\w+ly )?single\b/i,
    after:
      /\b(?:met someone|is (?:dating|seeing|engaged|married|in a relationship|taken)|got (?:together|engaged|married)|has an? (?:new )?(?:boyfriend|girlfriend|partner))\b/i,
  },
  {
    state: /\bis (?:\w+ )?engaged\b/i,
    after: /\b(?:got married|is married|called off the (?:wedding|engagement)|tied the knot)\b/i,
  },
  {
    state: /\bis (?:an? )?(?:vegan|vegetarian|pescatarian)\b(?! on\b)/i,
    after:
      /\b(?:eats|eating|started eating|ate) (?:meat|chicken|beef|pork|steak|burgers|everything|fish and meat)\b.{0,20}\b(?:again|now|these days)\b/i,
  },
  {
    state: /\bis (?:back )?in (?:the )?(?:hospital|rehab|intensive care|icu)\b/i,
    after:
      /\b(?:came home|is (?:back )?home|is out of (?:the )?(?:hospital|rehab|icu)|was discharged|got discharged|went home)\b/i,
  },
  {
    state: /\b(?:is (?:unemployed|jobless|between jobs|out of work)|lost their job)\b/i,
    after: /\b(?:started (?:working )?(?:at|as|with)|starts at|works (?:at|for|as)|was hired|got hired)\b/i,
  },
  {
    state: /\b(?:rents|is renting)\b/i,
    after: /\bbought (?:an? |their |the |our )(?:[a-z]+ )?(?:flat|house|apartment|place|home|condo)\b/i,
  },
  {
    state: /\b(?:goes to|is in|attends) (?:the )?(?:kindergarten|nursery|daycare|preschool|day care)\b/i,
    after: /\b(?:started|starts|is in|goes to) (?:primary |elementary )?school\b/i,
  },
  {
    state: /\bis (?:an? )?(?:\w+ )?(?:student|undergraduate|at university|at uni|in college)\b/i,
    after: /\b(?:graduated|finished (?:university|uni|college|their degree)|dropped out)\b/i,
  },
  {
    state: /\b(?:learning to drive|taking driving lessons|has no (?:driving )?licen[cs]e)\b/i,
    after: /\b(?:passed (?:their|the) (?:driving|road) test|got their (?:driving |driver's )?licen[cs]e)\b/i,
  },
  {
    state: /\blives (?:alone|by themselves|on their own)\b/i,
    after: /\b(?:moved in with|lives with|moved in together|got a (?:roommate|flatmate))\b/i,
  },
  {
    state: /\bis on (?:\w+ )?(?:leave|sick leave|holiday|vacation|sabbatical)\b/i,
    after: /\b(?:is |went |got )?back (?:at|to|in) (?:work|the office)\b/i,
  },
  {
    state: /\b(?:has no|does not have an?) (?:car|bike|job|passport|licen[cs]e|pets?|dog|cat)\b/i,
    after: /\b(?:bought|got|has|adopted) (?:an?|their) (?:new |first |own )?(?:car|bike|job|passport|licen[cs]e|pet|dog|cat|puppy|kitten)\b/i,
  },
];

const sensitivity =
  /\bis (?:\w+ly )?(?:allergic|intolerant) to (?:the )?([\p{L}-]{3,30})|\bcannot (?:eat|have|drink|stand) ([\p{L}-]{3,30})/iu;
const bears = (thing: string): RegExp =>
  new RegExp(
    `\\b(?:fine with|can (?:eat|have|drink)|(?:eats|drinks|has)|tolerates?|not allergic to|grew out of|outgrew) (?:the |their |some )?${thing}\\b`,
    'iu',
  );

/** Whether a fact is the opposite of a known state of the same subject. */
export const isContrary = ({ text }: ParsedFact, other: ParsedFact): boolean => {
  if (other.negative && !/\b(?:has no|does not have)\b/i.test(other.text)) return false;
  if (contrasts.some(({ state, after }) => state.test(other.text) && after.test(text))) return true;
  const [, first, second] = sensitivity.exec(other.text) ?? [];
  const thing = first ?? second;
  return thing !== undefined && bears(thing).test(text) && /\b(?:again|now|fine|after all|outgrew|grew out)\b/i.test(text);
};
