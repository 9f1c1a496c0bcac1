import { analyze } from '../../domain/memory/analyzer.ts';
import { type ScoredMemory, statedAt } from '../../domain/memory/memory.ts';
import type { AskedTime } from './past-questions.ts';

/** Best results that are compared with each other, as many as a search shows by default. */
const maxCompared = 10;

/** Length of the start of a text that is compared. */
const maxChars = 300;
/** Longer texts are no plain statement of one fact. */
const maxSlotChars = 100;
/**
 * When a result may take the place of another one: up to this difference of the log odds of their scores, and with this share of the
 * query's words that the other one has. A text that says that something changed has fewer of them.
 */
const near = { distance: 3, coverage: 0.7 };
const nearChange = { distance: 6, coverage: 0.3 };

/** Words that say when or that something changed, not what. */
const changeWords = [
  'user now current currently today recently lately since day week month year new newly instead long longer anymore still actual',
  'moved changed switched raised lowered pushed back rescheduled became become',
  'jetzt nun aktuell seit neu mittlerweile inzwischen ich mein meine ein eine der die das ist',
  'ahora actualmente desde nuevo nueva hoy mi el la un una es en de',
];

/** Stems of those words. Made by the first search. */
let changeStems: ReadonlySet<string> | undefined;

const contentStemsOf = (text: string): ReadonlySet<string> => {
  changeStems ??= new Set(changeWords.flatMap((words) => analyze(words)));
  const ignored = changeStems;
  return new Set(analyze(text).filter((stem) => !ignored.has(stem)));
};

/** Facts that one has one of at a time and that are said with different words. */
const slots: readonly (readonly [string, RegExp])[] = [
  [
    'residence',
    /\b(?:lives? in|resides? in|moved to|relocated to|is based in|settled in)\b|\b(?:wohne|lebe|gezogen)\b|\b(?:vivo|vive|mudé)\b/iu,
  ],
  [
    'employer',
    /\b(?:works? (?:for|at)|is employed (?:by|at))\b|\barbeite (?:bei|für)\b|\btrabajo (?:en|para)\b/iu,
  ],
];

const negation =
  /\b(?:not|never|no longer|any ?more|stopped|quit|gave up|nicht|kein\w*|nunca|ya no)\b|n['’]t\b/iu;
/** Signs of a change. */
const change =
  /\b(?:now|instead|these days|(?:was|were|has|have|been|got) (?:moved|pushed|changed|raised|lowered|cut|increased|reduced|rescheduled|postponed|switched|renamed|replaced)|(?:moved|switched|changed|went up|went down) (?:to|from)|jetzt|inzwischen|mittlerweile|ahora|ya no|no longer|any ?more)\b/iu;
const subject = /^\s*((?:User|My)['’]s?\s+\p{L}+|\p{L}+)/iu;
const firstPerson = /^\s*(?:I|My|User|User['’]s)\b/u;

/** Features by which two statements are compared. */
interface Statement {
  stems: ReadonlySet<string>;
  slot: string | undefined;
  isNegative: boolean;
  isChange: boolean;
  subject: string;
  speaker: string;
}

const statementOf = ({ text: whole, message, attributedTo }: ScoredMemory): Statement => {
  const text = whole.slice(0, maxChars);
  const slot =
    text.length > maxSlotChars ? undefined : slots.find(([, pattern]) => pattern.test(text))?.[0];
  return {
    stems: contentStemsOf(text),
    slot,
    isNegative: negation.test(text),
    isChange: change.test(text),
    subject: subject.exec(text)?.[1]?.toLowerCase() ?? '',
    speaker: firstPerson.test(text) ? (message?.name ?? attributedTo) : '',
  };
};

const sharedBy = (a: ReadonlySet<string>, b: ReadonlySet<string>): number => {
  let shared = 0;
  for (const stem of a) if (b.has(stem)) shared += 1;
  return shared;
};

/** Share of the words of the longer statement that the other one needs, to be about the same thing. */
const enoughShared = 0.5;

const haveOneSlot = (a: Statement, b: Statement): boolean =>
  a.slot !== undefined && a.slot === b.slot && a.subject === b.subject;

/** Whether two statements say different things about one thing. */
const differ = (a: Statement, b: Statement): boolean => {
  const shared = sharedBy(a.stems, b.stems);
  const longer = Math.max(a.stems.size, b.stems.size);
  if (shared === 0 || shared < enoughShared * longer) return false;
  return a.isNegative !== b.isNegative || (shared < a.stems.size && shared < b.stems.size);
};

const logOdds = (score: number): number =>
  Math.log(Math.max(score, 1e-6) / Math.max(1 - score, 1e-6));

/** A result with its statement. */
interface Compared {
  memory: ScoredMemory;
  statement: Statement;
}

/** Whether a result matches the query nearly as well as another one, so that time may decide between them. */
const isNear = ({ memory: a, statement }: Compared, { memory: b }: Compared): boolean => {
  const { distance, coverage } = statement.isChange ? nearChange : near;
  return (
    a.parts.coverage >= coverage * b.parts.coverage &&
    logOdds(b.score) - logOdds(a.score) <= distance
  );
};

/** Whether time decides between two results, of which the first matches the query less well. */
const isDecidedByTime = (a: Compared, b: Compared): boolean => {
  if (a.statement.speaker !== b.statement.speaker) return false;
  return (
    haveOneSlot(a.statement, b.statement) || (isNear(a, b) && differ(a.statement, b.statement))
  );
};

const isCurrent = ({ validUntil }: ScoredMemory): boolean => validUntil === undefined;

/** Whether the first of two statements goes before the other by their times. */
const precedes = (a: ScoredMemory, b: ScoredMemory, asked: AskedTime): boolean => {
  if (asked === 'now' && isCurrent(a) !== isCurrent(b)) return isCurrent(a);
  return asked === 'now' ? statedAt(a) > statedAt(b) : statedAt(a) < statedAt(b);
};

/**
 * Orders results that say different things about one subject: the newer goes before the older, and the older before the newer
 * if the query asks about the past. Both exchange places and scores, so the results stay ordered by score. Only the
 * best 10 texts that match the query about equally well are compared.
 * @param found best first
 */
export const newerFirst = (found: readonly ScoredMemory[], asked: AskedTime): ScoredMemory[] => {
  const compared = found.slice(0, maxCompared).map((memory) => ({
    memory,
    statement: statementOf(memory),
  }));
  for (let at = 0; at < compared.length; at++)
    for (let later = at + 1; later < compared.length; later++) {
      const [first, second] = [compared[at], compared[later]];
      if (!first || !second || !precedes(second.memory, first.memory, asked)) continue;
      if (!isDecidedByTime(second, first)) continue;
      compared[at] = { ...second, memory: { ...second.memory, score: first.memory.score } };
      compared[later] = { ...first, memory: { ...first.memory, score: second.memory.score } };
    }
  return [...compared.map(({ memory }) => memory), ...found.slice(maxCompared)];
};
