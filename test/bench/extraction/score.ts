import type { Case, Fact, Gone, Kind } from './dataset.ts';
import { hasDate, hasPattern, normalize } from './patterns.ts';

/** A current memory. */
export interface Kept {
  text: string;
  /** Kept as said, not extracted. */
  verbatim: boolean;
}

/** Counts of one case, or of several. */
export interface Score {
  /** Extracted memories, and those of them that say an expected fact. */
  extracted: number;
  right: number;
  /** Memories that are kept as said, at most one a message. */
  verbatim: number;
  /** Expected facts; of them the facts that an extracted memory says, and the facts that no memory has at all. */
  facts: number;
  found: number;
  lost: number;
  /** Dated facts that an extracted memory says, and those of them with the right date. */
  dated: number;
  dates: number;
  /** Changes and retractions, and those of them after which the memories are current. */
  updates: number;
  updated: number;
  /** Memories that a turn has to leave as they are, and those of them that were replaced or ended by it. */
  unrelated: number;
  replaced: number;
  /** Cases that teach nothing, and those of them without any memory. */
  empty: number;
  silent: number;
  /** Memories with a secret. */
  leaks: number;
}

export interface CaseScore extends Score {
  kind: Kind;
  id: string;
  /** Descriptions of all errors. */
  failures: string[];
}

/** Unrelated memories of the person of a case. */
export interface Background {
  size: number;
  /** Texts of those that a turn of the case replaced or ended. */
  replaced: readonly string[];
}

const noBackground: Background = { size: 0, replaced: [] };

/** Words with which a memory may name what is no longer true. */
const pastWords = [
  "used to|no longer|not |n't|never|nobody|former|previous|any more|anymore|in the past",
  'switched|instead|rather than|replaced|replacing|changed|moved from|gave up|given up|quit|stopped|sold|ended|cancel',
  'was |were |had |ex |broke up|got rid|dropped|turned out|outdated',
];

/** Signs of a text that was copied and not rewritten in the third person. */
const malformed = [
  /(?<![\p{L}'])(?:i|i'm|im|i've|ive|i'll|i'd|my|mine|myself|me|you|your|yours|we|our)(?![\p{L}'])/u,
  /\buser(?:'s)? (?:rs|r|am|are|have|do|dont|don't|call|i)\b/,
  /^(?:please )?call (?:the )?user\b/,
  /(?<![\p{L}'])(?:u|ur|pls|plz|tbh|lol|omg|btw|ugh|haha|honestly|just so|long story short|that said)(?![\p{L}'])/u,
  /\?["')\s]*$/,
];

const withoutQuotes = (text: string): string =>
  text.replace(/"[^"]*"|(?<!\w)'[^']*'(?!\w)/g, '"…"');

/** Memories of other languages and of notes keep their own words. */
const isWellFormed = (text: string, kind: Kind): boolean =>
  kind === 'languages' || !malformed.some((sign) => sign.test(withoutQuotes(normalize(text))));

const hasAll = ({ text }: Kept, patterns: readonly string[]): boolean =>
  patterns.every((pattern) => hasPattern(text, pattern));

const hasAny = ({ text }: Kept, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => hasPattern(text, pattern));

/** Whether a memory says the fact, at any date. */
const says = (memory: Kept, { all, none }: Fact): boolean =>
  hasAll(memory, all) && !hasAny(memory, none);

/** A year makes one day of a habit. */
const aYear = /(?<!\d)(?:19|20)\d\d(?!\d)/;

const isDatedRight = ({ text }: Kept, { dates, recurring }: Fact): boolean =>
  dates.every((date) => hasDate(text, date)) && !(recurring && aYear.test(text));

const isStale = (memory: Kept, { all, none = pastWords }: Gone): boolean =>
  hasAll(memory, all) && !hasAny(memory, none);

const messagesOf = (turns: Case['turns']): string[] =>
  turns.flatMap(({ messages }) => messages.map(({ content }) => normalize(content)));

/** Text that a memory such as `User said: "..."` quotes as a whole, or its own. */
const quotedBy = (text: string): string =>
  /^[\p{L}' ]{1,40} (?:said|says|wrote|writes): "(.*)"$/su.exec(text)?.[1] ?? text;

/** Characters of a piece of a long message, at least. */
const pieceLength = 300;

/**
 * Whether a memory is a message of the case, or a piece of a long one, as it was said. A note in the third person may be an extracted
 * fact already.
 */
export const isCopied = ({ kind, turns }: Case, text: string): boolean => {
  const quoted = normalize(quotedBy(text));
  const messages = messagesOf(turns);
  if (quoted.length >= pieceLength) return messages.some((message) => message.includes(quoted));
  const isRewritten = quotedBy(text) === text && isWellFormed(text, kind) && kind !== 'languages';
  return messages.includes(quoted) && !isRewritten;
};

/**
 * Whether the fact can be read somewhere: in any memory, or in a message that was kept whole. After a change it must be a message
 * of the last turn.
 */
const isKept = ({ turns, gone }: Case, memories: readonly Kept[], { all }: Fact): boolean => {
  const said = messagesOf(gone.length > 0 ? turns.slice(-1) : turns);
  return memories.some(
    (memory) =>
      hasAll(memory, all) || (memory.verbatim && said.includes(normalize(quotedBy(memory.text)))),
  );
};

const scoreUpdate = (
  { facts, may, gone }: Case,
  before: readonly Kept[],
  after: readonly Kept[],
): string[] => [
  ...gone
    .filter(({ all }) => !before.some((memory) => hasAll(memory, all)))
    .map(({ all }) => `never known: ${all.join(' + ')}`),
  ...facts
    .filter((fact) => !after.some((memory) => says(memory, fact)))
    .map(({ all }) => `not current: ${all.join(' + ')}`),
  ...after
    .filter((memory) => gone.some((old) => isStale(memory, old)))
    .filter((memory) => ![...facts, ...may].some((fact) => says(memory, fact)))
    .map(({ text }) => `outdated: "${text}"`),
];

/** Facts of earlier turns that the last turn has to leave, by what became of them. */
const scoreStays = (
  { stays }: Case,
  before: readonly Kept[],
  after: readonly Kept[],
): { known: number; gone: string[] } => {
  const known = stays.filter((fact) => before.some((memory) => says(memory, fact)));
  const gone = known.filter((fact) => !after.some((memory) => says(memory, fact)));
  return { known: known.length, gone: gone.map(({ all }) => all.join(' + ')) };
};

/**
 * Scores one case by the current memories after each of its turns. A memory counts by its text alone, so an extractor cannot
 * pass by its events.
 */
export const scoreCase = (
  testCase: Case,
  states: readonly (readonly Kept[])[],
  background: Background = noBackground,
): CaseScore => {
  const { id, kind, facts, may, gone, stays, secrets, nothing, turns } = testCase;
  const after = states.at(-1) ?? [];
  const counted = stays.length > 0 ? [] : after;
  const extracted = counted.filter(({ verbatim }) => !verbatim);
  const isFit = (memory: Kept): boolean =>
    isWellFormed(memory.text, kind) && !hasAny(memory, secrets);
  const isPast = (memory: Kept): boolean =>
    gone.some((old) => hasAll(memory, old.all) && !isStale(memory, old));
  const isRight = (memory: Kept): boolean =>
    isFit(memory) &&
    (isPast(memory) ||
      [...facts, ...may].some((fact) => says(memory, fact) && isDatedRight(memory, fact)));
  const sayers = (fact: Fact): Kept[] =>
    extracted.filter((memory) => isFit(memory) && says(memory, fact));
  const wrong = extracted.filter((memory) => !isRight(memory));
  const missing = facts.filter((fact) => sayers(fact).length === 0);
  const lost = missing.filter((fact) => !isKept(testCase, after, fact));
  const dated = facts.filter(({ dates }) => dates.length > 0).filter((f) => sayers(f).length > 0);
  const misdated = dated.filter((fact) => !sayers(fact).some((m) => isDatedRight(m, fact)));
  const leaks = after.filter((memory) => hasAny(memory, secrets));
  const stayed = scoreStays(testCase, states.at(-2) ?? [], after);
  const update = gone.length > 0 ? scoreUpdate(testCase, states.at(-2) ?? [], after) : [];
  return {
    id,
    kind,
    extracted: extracted.length,
    right: extracted.length - wrong.length,
    verbatim: Math.min(counted.length - extracted.length, messagesOf(turns).length),
    facts: facts.length,
    found: facts.length - missing.length,
    lost: lost.length,
    dated: dated.length,
    dates: dated.length - misdated.length,
    updates: gone.length > 0 ? 1 : 0,
    updated: gone.length > 0 && update.length === 0 ? 1 : 0,
    unrelated: background.size + stayed.known,
    replaced: background.replaced.length + stayed.gone.length,
    empty: nothing ? 1 : 0,
    silent: nothing && after.length === 0 ? 1 : 0,
    leaks: leaks.length,
    failures: [
      ...wrong.map(({ text }) => `wrong: "${text}"`),
      ...missing.map(
        (fact) => `${lost.includes(fact) ? 'lost' : 'missing'}: ${fact.all.join(' + ')}`,
      ),
      ...misdated.map(({ dates }) => `wrong date, not ${dates.join(' + ')}`),
      ...update,
      ...leaks.map(({ text }) => `secret: "${text}"`),
      ...[...background.replaced, ...stayed.gone].map((text) => `replaced or ended: "${text}"`),
      ...(nothing ? after.filter(({ verbatim }) => verbatim) : []).map(
        ({ text }) => `kept: "${text}"`,
      ),
    ],
  };
};

/** Adds the counts of several cases. */
export const sumScores = (scores: readonly Score[]): Score => {
  const sum = (count: keyof Score): number => scores.reduce((total, s) => total + s[count], 0);
  return {
    extracted: sum('extracted'),
    right: sum('right'),
    verbatim: sum('verbatim'),
    facts: sum('facts'),
    found: sum('found'),
    lost: sum('lost'),
    dated: sum('dated'),
    dates: sum('dates'),
    updates: sum('updates'),
    updated: sum('updated'),
    unrelated: sum('unrelated'),
    replaced: sum('replaced'),
    empty: sum('empty'),
    silent: sum('silent'),
    leaks: sum('leaks'),
  };
};
