/** Owners of facts: the people and pets of a speaker whom a fact in the third person is about. */

const people =
  'sister|brother|mother|father|mom|mum|dad|parent|son|daughter|kid|child|children|cousin|uncle|aunt|niece|nephew|wife|husband|partner|girlfriend|boyfriend|fianc[eé]e?|friend|boss|manager|neighbou?r|roommate|flatmate|colleague|grandma|gran|granny|nan|nana|grandpa|grandad|granddad|grandmother|grandfather|teacher';
const pets = 'dog|cat|puppy|kitten|rabbit|hamster|horse|parrot';

const relative = new RegExp(
  `^(?:User|\\p{Lu}[\\p{L}-]+)'s (?:[\\p{L}-]+ )?((?:step|grand|great-)?(?:${people}|${pets})s?(?:-in-law)?)\\b(?!'s)`,
  'u',
);
const further = new RegExp(
  `^(?:User|\\p{Lu}[\\p{L}-]+)'s (?:[\\p{L}-]+ )?((?:step|grand|great-)?(?:${people})s?(?:-in-law)?)'s `,
  'u',
);

/** Words for several people, of whom others name one. */
export const general = /^(?:kid|child|children|parent|partner|friend|boss|manager)s?$/;

/** Relative or pet whom a fact begins with: "brother" of "User's brother lives in Rome". Undefined for the speaker. */
export const relativeOf = (text: string): string | undefined =>
  relative.exec(text)?.[1] ?? further.exec(text)?.[1];

/** Whether one fact is about a relative whom the other does not mention. */
export const haveOtherOwners = (text: string, other: string): boolean => {
  const [mine, theirs] = [relativeOf(text), relativeOf(other)];
  if (mine === theirs) return false;
  const isNamed = (person: string | undefined, within: string): boolean =>
    person === undefined || new RegExp(`\\b${person}`, 'i').test(within);
  return !isNamed(mine, other) || !isNamed(theirs, text);
};
