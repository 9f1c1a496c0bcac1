import { analyze } from '../../../domain/memory/analyzer.ts';
import { conceptsOf } from './concepts.ts';
import type { LinkedFact } from './linked-fact.ts';
import { general, relativeOf } from './owners.ts';

/** Signs that two facts are about different people, or about different things of one person. */

/** "Bees are User's daughter's favourite animal": something of a relative. */
const ofRelative = /^(?!User).*\bUser's (?<whose>[a-z]+)'s /;
const mentionsRelative = ({ fact }: LinkedFact, { terms }: LinkedFact): boolean =>
  analyze(ofRelative.exec(fact.text)?.groups?.['whose'] ?? '').some((term) => terms.has(term));

/** A name, which only a fact about the name changes. */
const isNamed = /\b(?:is|are) (?:called|named)\b/;
const saysName = /\b(?:call|name|renam|rechristen|go(?:es)? by)/i;
/** The thing of a person whose name is known. */
export const isOfName = (mine: LinkedFact, theirs: LinkedFact): boolean =>
  isNamed.test(theirs.fact.text) && !saysName.test(mine.fact.text) && !hasOwnName(mine);
const hasOwnName = ({ values }: LinkedFact): boolean => (values.get('name')?.size ?? 0) > 0;

/** Whether the first fact is about a relative or a pet whom the second does not name: "User's cousin is vegan" and "User is not vegan anymore". */
const isOfAnother = (first: LinkedFact, second: LinkedFact): boolean => {
  const person = relativeOf(first.fact.text);
  const other = relativeOf(second.fact.text);
  if (person === undefined)
    return (
      ofRelative.test(first.fact.text) &&
      !ofRelative.test(second.fact.text) &&
      !mentionsRelative(first, second)
    );
  // "Football moved to Sundays" may be that of the son.
  if (second.fact.subject === '' && !/\bUser\b/.test(second.fact.text)) return false;
  const [term = ''] = analyze(person);
  if (second.terms.has(term)) return false;
  const isGeneral = other === undefined || general.test(person) || general.test(other);
  return !(isGeneral && [...conceptsOf([term])].some((one) => second.concepts.has(one)));
};

const thing =
  /^User's ((?:[\w-]+ ){0,2}?[\w-]+) (?:is|are|has|have|costs?|starts?|runs?|weighs?)\b/;

/** Whether the facts are about two things of the speaker: "User's flat has 3 rooms", "User's office has 5 rooms". */
const areOfTwoThings = (mine: LinkedFact, theirs: LinkedFact): boolean => {
  const [own, known] = [mine, theirs].map(({ fact }) => analyze(thing.exec(fact.text)?.[1] ?? ''));
  if (!own?.length || !known?.length || own.some((term) => known.includes(term))) return false;
  const concepts = conceptsOf(known);
  return ![...conceptsOf(own)].some((concept) => concepts.has(concept));
};

/** Whether two facts are about different people or things of the speaker. */
export const areOfOtherSubjects = (mine: LinkedFact, theirs: LinkedFact): boolean =>
  isOfAnother(mine, theirs) || isOfAnother(theirs, mine) || areOfTwoThings(mine, theirs);
