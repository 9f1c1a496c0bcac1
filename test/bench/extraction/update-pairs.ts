import {
  createTurnExtractor,
  type Libraries,
} from '../../../shared/adapters/local-extractor/extract-turns.ts';
import {
  type LinkInputs,
  linkInputs,
  mayReplace,
} from '../../../shared/adapters/local-extractor/facts/link-inputs.ts';
import { linkedFact, newFact } from '../../../shared/adapters/local-extractor/facts/linked-fact.ts';
import { parseFact } from '../../../shared/adapters/local-extractor/facts/parsed-fact.ts';
import {
  type People,
  peopleIn,
} from '../../../shared/adapters/local-extractor/statements/people.ts';
import type { Conversation } from '../locomo.ts';
import { unrelatedTo } from './background.ts';
import type { Case, Message } from './dataset.ts';
import { hasPattern } from './patterns.ts';

/** A known fact and the new facts of one turn, one of which replaces the known one if the label is 1. */
export interface Group {
  label: 0 | 1;
  weight: number;
  rows: LinkInputs[];
}

/** Weights of the groups whose known fact has to stay. */
const weights = { known: 1, background: 0.3, elsewhere: 0.3, statement: 0.05, conversation: 0.15 };
/** Cases whose known facts a case must leave alone. */
const otherCases = 12;

const noPeople = peopleIn([]);

/** Facts that the rules learn from turns of which they know nothing before. */
const learn = (
  libraries: Libraries,
  turns: readonly (readonly Message[])[],
  observedAt: number,
): string[] => {
  const extractor = createTurnExtractor(libraries, {
    turns: turns.map((messages) => ({
      messages: messages.map(({ role, content, name }) => ({
        role: role === 'assistant' ? role : 'user',
        content,
        ...(name !== undefined && { name }),
      })),
      observedAt,
      options: { infer: true },
    })),
    memories: [],
  });
  for (const turn of turns.keys()) extractor.extract(turn);
  return extractor
    .changes()
    .flatMap(({ type, text }) => (type === 'NONE' || text === undefined ? [] : [text]));
};

/** Inputs of the new facts that may replace a known one. */
const rowsOf = (fresh: readonly string[], known: string, people: People): LinkInputs[] => {
  const other = linkedFact(parseFact(known, people));
  if (other.fact.slots.some(({ key }) => key.startsWith('taste:'))) return [];
  return fresh
    .map((text) => newFact(parseFact(text, people)))
    .filter(
      ({ fact: { subject } }) =>
        subject === other.fact.subject || subject === '' || other.fact.subject === '',
    )
    .map((fact) => linkInputs(fact, other))
    .filter(mayReplace);
};

interface Learnt {
  case: Case;
  fresh: string[];
  known: string[];
  background: string[];
}

const learnCase = (libraries: Libraries, testCase: Case): Learnt => {
  const { id, turns } = testCase;
  const said = turns.flatMap(({ messages }) => messages.map(({ content }) => content));
  const facts = turns.map(({ at, messages }) =>
    learn(libraries, [messages], Date.parse(at.length > 19 ? at : `${at}Z`)),
  );
  const background = unrelatedTo(id, said.join('\n')).flatMap((content) =>
    learn(libraries, [[{ role: 'user', content }]], 0),
  );
  return {
    case: testCase,
    fresh: facts.at(-1) ?? [],
    known: facts.slice(0, -1).flat(),
    background,
  };
};

const group = (label: 0 | 1, weight: number, rows: LinkInputs[]): Group[] =>
  rows.length > 0 ? [{ label, weight, rows }] : [];

/** Pairs of a case with its own known facts. In a change, facts that it does not make outdated are unclear and left out. */
const ownGroups = ({ case: { gone }, fresh, known }: Learnt): Group[] =>
  known.flatMap((fact) => {
    const isGone = gone.some(({ all }) => all.every((pattern) => hasPattern(fact, pattern)));
    if (gone.length > 0 && !isGone) return [];
    return group(isGone ? 1 : 0, weights.known, rowsOf(fresh, fact, noPeople));
  });

const staysBeside = (fresh: readonly string[], facts: readonly string[], weight: number): Group[] =>
  facts.flatMap((fact) => group(0, weight, rowsOf(fresh, fact, noPeople)));

/** Groups of the labelled cases: changes with what they change, and all cases with facts of others. */
export const groupsOfCases = (libraries: Libraries, cases: readonly Case[]): Group[] => {
  const learnt = cases.map((testCase) => learnCase(libraries, testCase));
  const changes = learnt.filter(({ case: { gone } }) => gone.length > 0);
  const statements = [...new Set(learnt.flatMap(({ background }) => background))];
  const beside = learnt.flatMap((one, at) =>
    Array.from({ length: otherCases }, (_, k) => changes[(at * 7 + k * 11) % changes.length])
      .filter((other) => other !== undefined && other !== one)
      .flatMap((other) => staysBeside(one.fresh, other?.known ?? [], weights.elsewhere)),
  );
  return [
    ...learnt.flatMap(ownGroups),
    ...learnt.flatMap(({ fresh, background }) =>
      staysBeside(fresh, background, weights.background),
    ),
    ...beside,
    ...statements.flatMap((statement) =>
      changes.flatMap(({ known }) => staysBeside([statement], known, weights.statement)),
    ),
  ];
};

/** Groups of a conversation between two people, in which hardly any fact replaces another. */
export const groupsOfConversation = (
  libraries: Libraries,
  { utterances }: Conversation,
): Group[] => {
  const turns = utterances.map(({ speaker, words }) => [
    { role: 'user', name: speaker, content: words },
  ]);
  const people = peopleIn(
    turns.map((messages) => ({
      messages: messages.map((one) => ({ ...one, role: 'user' as const })),
    })),
  );
  const facts = learn(libraries, turns, utterances[0]?.observedAt ?? 0);
  return facts.flatMap((fact, at) =>
    group(
      0,
      weights.conversation,
      facts.slice(0, at).flatMap((known) => rowsOf([fact], known, people)),
    ),
  );
};
