import type { DateReader } from '../dates/dates.ts';
import type { People } from '../statements/people.ts';
import type { TakenBack } from '../statements/taken-back.ts';
import type { Tagger } from '../text/tagger.ts';
import type { Topics } from '../topics.ts';
import { normalizeFact } from './normalize-fact.ts';
import type { Replacement } from './replacements.ts';
import { type Speakers, toThirdPerson } from './third-person.ts';

/**
 * Result of extracting a message: a fact about the speaker, a deletion request, or the reason why a part gave nothing.
 */
export type Finding =
  /**
   * `verbatim`: the rules could not read the text, which is kept as it was said. `isOther`: the subject is not the speaker.
   * `author`: another person, whose words the speaker passed on.
   */
  | { kind: 'fact'; text: string; verbatim?: true; isOther?: true; author?: string }
  | { kind: 'retraction'; fact: string }
  /** `otherwise`: findings of the statement, if it is unclear which known fact it takes back. */
  | ({ kind: 'topic'; otherwise?: readonly Finding[] } & TakenBack)
  /** A value in the place of another one of a known fact; `otherwise` are the findings without such a fact. */
  | { kind: 'replacement'; replacement: Replacement; otherwise: readonly Finding[] }
  /** Text beyond the limits of the rules; stored verbatim. */
  | { kind: 'unread'; text: string }
  | { kind: 'nothing'; reason: string };

/** Source of words that a message passes on. */
export interface PassedOn {
  /** Empty for the speaker. */
  author: string;
  /** Whether the words are a message of a chat: many of these only react to others. */
  isChat: boolean;
}

export interface ExtractionContext {
  tag: Tagger;
  dates: DateReader;
  observedAt: number;
  /** Minutes by which the speaker's clock is ahead of UTC. */
  utcOffset: number;
  speakers: Speakers;
  /** Several people talk with each other: no sentence is an instruction to an assistant. */
  isPeerChat: boolean;
  /** The text is what the author said to the speaker; without an author, what the speaker said to others. */
  passedOn?: PassedOn | undefined;
  people: People;
  /** The text is a piece of a document, which is kept besides: nothing of it is quoted. */
  isDocument: boolean;
  /** Names of people and pets that earlier facts introduced. */
  known: ReadonlySet<string>;
  /** Relative or pet of the speaker whom the newest fact is about: "daughter". A pronoun at the beginning of a message may mean them. */
  lastMentioned?: string | undefined;
  /** Topics that make a sentence relevant even when it is not personal. */
  topicFilter?: Topics | undefined;
}

const leadingDate =
  /^((?:on|in|around|a few|a couple of) [^,]{0,48}?\b(?:19|20)\d\d(?: at [\d:]+ ?(?:[ap]\.?m\.?)?)?),? ((?:I|we|my|our)\b.*?)[.!]*$/i;

/** Rewrites a clause of the speaker in the third person, with absolute dates. */
export const toFact = (clause: string, context: ExtractionContext): string => {
  const { speakers, tag, dates, observedAt, utcOffset } = context;
  const dated = dates(clause, observedAt, utcOffset)
    .replace(/^(?:today|now|currently|recently|these days|right now|lately),? (?=I\b)/i, '')
    .replace(
      leadingDate,
      (_, date: string, rest: string) => `${rest} ${date.charAt(0).toLowerCase()}${date.slice(1)}`,
    );
  return normalizeFact(toThirdPerson(dated, tag, speakers), speakers.speaker);
};
