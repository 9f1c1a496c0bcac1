import { analyze } from '../../../domain/memory/analyzer.ts';
import { conceptsOf } from './concepts.ts';
import { kindTerms } from './name-kinds.ts';
import { allSubjectTerms } from './subjects.ts';

/** Terms by which the facts that a text may change are found. */
export const linkTerms = (text: string): ReadonlySet<string> =>
  new Set([
    ...analyze(text),
    ...conceptsOf(analyze(text)),
    ...allSubjectTerms(text),
    ...kindTerms(text),
  ]);
