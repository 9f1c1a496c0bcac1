import { analyze } from '../../../domain/memory/analyzer.ts';
import { type ChangeCues, readCues } from './change-cues.ts';
import { conceptsOf } from './concepts.ts';
import type { ParsedFact } from './parsed-fact.ts';
import { subjectTerms } from './subjects.ts';
import { type Values, valuesOf } from './value-kinds.ts';

/** Terms that many facts share and that name no subject. */
const weak = new Set(
  analyze(
    'go get take make have do work day week month year time today now one two three four five six seven eight nine ten thing want need like love plan start stop move change name call use live people good morning night old new first last way user said say went gone got took made put raise break broke finally keep give gave lot much really just talk thing stuff hope feel try look see hear think so up pay cost charge spring summer autumn fall winter mg mcg ml euro dollar pound hour minute kilo km mile person january february march april may june july august september october november december monday tuesday wednesday thursday friday saturday sunday',
  ),
);

/** Terms of a text that name its subject and its details. Numbers are values, not subjects. */
const strongTerms = (text: string): Set<string> =>
  new Set([
    ...analyze(text).filter((term) => !weak.has(term) && !/^\d/.test(term)),
    ...subjectTerms(text),
  ]);

/** A fact with the parts by which its links to other facts are judged. */
export interface LinkedFact {
  fact: ParsedFact;
  terms: ReadonlySet<string>;
  concepts: ReadonlySet<string>;
  values: Values;
  /** Stem of the verb behind the subject, or of the noun in front of a copula. */
  head: string;
  isEvent: boolean;
}

const heading =
  /^(?:User|The|Their)(?:'s)? (?:\([^)]*\) )?(?:(?:is|are|was|has|have|been|now|currently|still|also|just|recently|mostly|usually|always|only|finally|never|not|does|do|did) )*((?:[\w'-]+ ){0,3}?)([\w'-]+)(?: (?:is|are|was|were|has|starts?|ends?|goes|costs?|gets?|meets?|leaves?|closes?|opens?)\b|\b)/i;

const headOf = ({ text }: ParsedFact): string => {
  const [, , word = ''] = heading.exec(text) ?? [];
  return analyze(word).join(' ');
};

/** Something that happened once stays true. */
const event =
  /^(?:User|They|The \w+)(?: \([^)]*\))? (?:just |recently |finally |also )*(?:was|were|\w+ed|went|met|saw|ran|ate|made|bought|found|lost|won|told|gave|took|came|had|got|wrote|read)\b/;

/** Characters of a fact that are compared. A fact is shorter; a longer text was written by hand. */
const maxRead = 600;

/** The words of another language that a fact was drawn from say nothing that the fact does not. */
const withoutOriginal = (text: string): string =>
  text.endsWith('").') ? `${text.slice(0, text.indexOf(' ("'))}.` : text;

/** Prepares a fact for comparisons. */
export const linkedFact = (fact: ParsedFact): LinkedFact => {
  const text = withoutOriginal(fact.text.slice(0, maxRead));
  const terms = strongTerms(text);
  return {
    fact,
    terms,
    concepts: conceptsOf(analyze(text)),
    values: valuesOf(text),
    head: headOf(fact),
    isEvent: event.test(fact.text),
  };
};

/** A new fact with its words of change. */
export interface NewFact extends LinkedFact {
  cues: ChangeCues;
  named: ReadonlySet<string>;
  renewed: ReadonlySet<string>;
  /** Fact that was stated before in the same message; empty without any. */
  lead: string;
}

export const newFact = (fact: ParsedFact, lead = ''): NewFact => {
  const cues = readCues(fact.text.slice(0, maxRead));
  return {
    ...linkedFact(fact),
    cues,
    named: strongTerms(cues.clauses),
    renewed: new Set(analyze(cues.renewed)),
    lead,
  };
};
