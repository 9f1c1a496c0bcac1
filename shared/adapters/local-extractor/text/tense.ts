import { isPast } from './verb-forms.ts';

export type Tense = 'past' | 'present' | 'future';

const future =
  /\b(?:reminded|will|shall|going to|plan(?:s|ning)? to|hop(?:e|es|ing) to|about to|(?:am|are|is) (?:\w+ly )?\w+ing|would like to|want to|need to|have to)\b/i;

/** What a weekday or month without a year is relative to: the first verb that shows its tense decides. */
export const tenseOf = (text: string): Tense => {
  if (future.test(text)) return 'future';
  const words = text.toLowerCase().match(/[a-z]+/g) ?? [];
  return words.some(isPast) ? 'past' : 'present';
};
