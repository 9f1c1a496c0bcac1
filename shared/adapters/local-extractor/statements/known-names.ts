const introduced =
  /\b(?:named|called|name is|wife|husband|partner|girlfriend|boyfriend|fianc[eé]e?|mother|mom|father|dad|son|daughter|brother|sister|cousin|boss|manager|roommate|friend|dog|cat|puppy|kitten)(?: is(?: named| called)?)?,? ((?!I\b)[A-Z][\p{L}'-]+(?: and [A-Z][\p{L}'-]+)?)/gu;

/** Names of people and pets that a fact introduces, as in "a dog named Rex" or "their wife Anna". */
export const namesIn = (fact: string): string[] =>
  [...fact.matchAll(introduced)].flatMap(([, names = '']) => names.split(' and '));

const tells =
  /^(\p{Lu}[\p{L}'-]+)(?:'s)? (?:\w+ )?(?:is|was|has|had|likes|loves|hates|works|worked|lives|lived|turned|died|passed|got|started|moved|will|plays|speaks|wants|needs|eats|prefers|enjoys|goes|just|does|'s)\b/u;

/** Whether a sentence tells of somebody whose name is known. */
export const isAboutKnownName = (sentence: string, names: ReadonlySet<string>): boolean => {
  const [, name] = tells.exec(sentence) ?? [];
  return name !== undefined && names.has(name.replace(/'s$/, ''));
};
