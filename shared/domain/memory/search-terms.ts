import { dayInWords } from '../dates-in-words.ts';
import { countTerms } from './analyzer.ts';

/** Content of a memory or a message that lexical search looks at. */
export interface Searchable {
  text: string;
  /** Name of the person who said it. */
  speaker?: string;
  /** When it was said, ms since 1970. */
  observedAt: number;
}

/** Stems of a text, of its speaker and of its day (UTC), with their counts. */
export const searchTerms = ({
  text,
  speaker = '',
  observedAt,
}: Searchable): { [stem: string]: number } =>
  countTerms(`${speaker} ${text}\n${dayInWords(observedAt)}`);
