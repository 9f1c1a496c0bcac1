import { analyze } from '../memory/analyzer.ts';
import type { Category } from './category.ts';
import { commonEvidence, describingStems, type Evidence, splitProfession } from './lexicon.ts';

/** Names the categories that a text clearly belongs to, the best first; none where no word says so. */
export type Categorizer = (text: string) => string[];

/** Part of a text that is read, in characters. */
const maxCharacters = 2_000;
/** Words from which on a text is long: a category then needs more than one word of it. */
const longText = 40;
/** Most categories of a text: more would rest on stray words. */
const maxFound = 3;

/** A category with what shows it. */
interface Candidate {
  name: string;
  evidence: Evidence;
  /**
   * Of a category that only its own words describe: their stems by their beginnings. Forms of a word that the stemmer keeps apart,
   * such as `allergies` and `allergic`, count as the same.
   */
  forms: ReadonlyMap<string, string[]>;
}

/** Length from which on the beginning of a word stands for the word. */
const prefixLength = 6;
/** Words of a description with one beginning that are compared: more belong to no language. */
const maxForms = 20;

const candidateOf = ({ name, description }: Category): Candidate => {
  const common = commonEvidence(name);
  if (common) return { name, evidence: common, forms: new Map() };
  const stems = describingStems(`${name} ${description}`);
  const long = [...stems].filter((stem) => stem.length >= prefixLength);
  return {
    name,
    evidence: { stems },
    forms: new Map(
      [...Map.groupBy(long, (stem) => stem.slice(0, prefixLength))].map(([prefix, forms]) => [
        prefix,
        forms.slice(0, maxForms),
      ]),
    ),
  };
};

const hasFormOf = ({ forms }: Candidate, stem: string): boolean =>
  (forms.get(stem.slice(0, prefixLength)) ?? []).some(
    (form) => form.startsWith(stem) || stem.startsWith(form),
  );

/** A text as it is compared. */
interface ReadText {
  text: string;
  stems: ReadonlySet<string>;
}

const readText = (text: string): ReadText => ({ text, stems: new Set(analyze(text)) });

/** Number of different words and phrases of a category in a text. */
const countHits = (candidate: Candidate, { text, stems }: ReadText): number => {
  const { stems: shown, phrases } = candidate.evidence;
  const words = [...stems].filter((stem) => shown.has(stem) || hasFormOf(candidate, stem));
  return words.length + (phrases?.test(text) ? 1 : 0);
};

/** Categories by identity of their list, which all turns of a request share. */
const categorizers = new WeakMap<readonly Category[], Categorizer>();

const createCategorizer = (categories: readonly Category[]): Categorizer => {
  const candidates = [...new Map(categories.map((one) => [one.name, one])).values()].map(
    candidateOf,
  );
  const work = commonEvidence('professional_details');
  return (whole) => {
    const { rest, isProfession } = splitProfession(whole.slice(0, maxCharacters));
    const read = readText(rest);
    const needed = read.stems.size > longText ? 2 : 1;
    const found = candidates.flatMap((candidate) => {
      const isWork = isProfession && candidate.evidence === work;
      const hits = countHits(candidate, read) + (isWork ? 1 : 0);
      return hits >= needed ? [{ name: candidate.name, hits }] : [];
    });
    return found
      .toSorted((a, b) => b.hits - a.hits)
      .slice(0, maxFound)
      .map(({ name }) => name);
  };
};

/**
 * Categorizer by words and phrases of English, without a model: precise rather than complete. A category is known by its name if it is
 * a common one, else by the words of its name and description.
 */
export const categorizerFor = (categories: readonly Category[]): Categorizer => {
  const known = categorizers.get(categories);
  if (known) return known;
  const made = createCategorizer(categories);
  categorizers.set(categories, made);
  return made;
};
