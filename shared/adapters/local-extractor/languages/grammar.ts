/** Words and statements of one language, as data. Patterns are written for `compileGrammar` (compile-grammar.ts). */
export interface Grammar {
  /** Pronouns of the first person in front of a verb, as alternatives. */
  self: string;
  /** "my" and "our", as alternatives, in front of a noun. */
  my: string;
  /** "the", as alternatives, in front of a noun. */
  the: string;
  /** "a", as alternatives. */
  article: string;
  /** Conjunctions between two statements, as alternatives. */
  and: string;
  /** Words at the beginning of a statement that add nothing to it, as alternatives. */
  fillers: string;
  /** Negations within a predicate, each with what remains of the predicate without it. */
  negations: readonly (readonly [pattern: RegExp, rest: string, negation: Negation])[];
  /** "named", as alternatives. */
  named: string;
  /** Common nouns: "hermana=sister hermano=brother". */
  nouns: string;
  /** Words for numbers from one to ten, for weekdays from Monday on, and for months, separated by spaces. */
  numbers: string;
  weekdays: string;
  months: string;
  /** Units of time with their English names in the plural: "días?=days". */
  units: string;
  /** Names of languages: "español=Spanish". */
  languages: string;
  /** Phrases of time. `{D}`, `{M}`, `{N}`, `{U}`, `{Y}`, `{d}` and `{h}` mean a weekday, month, number, unit, year, day and hour. */
  times: readonly (readonly [pattern: string, english: string])[];
  /**
   * Predicates with their English forms. `{vivo;vive}` has the forms of the first and of the third person, `$` is the value. An English form
   * with `!` in front is negated, with `~` no longer true, and with `'s` an attribute of the subject.
   */
  statements: readonly (readonly [pattern: string, english: string])[];
  /** Beginnings of questions and requests, which state nothing, as alternatives. */
  asks: string;
  /** The verb may stand in front of its pronoun: "morgen habe ich". */
  inverts?: true;
  /** The first person may do without its pronoun. */
  dropsPronoun?: true;
  /** Beginnings of statements of the speaker without a pronoun, as alternatives, where it is not left out otherwise. */
  ownStart?: string;
  /** Words are not separated by spaces; these particles, as alternatives, are behind a subject. */
  particles?: string;
}

export type Negation = 'not' | 'no longer';
