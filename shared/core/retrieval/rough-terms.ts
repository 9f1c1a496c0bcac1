import { countTerms } from '../../domain/memory/analyzer.ts';

type Terms = ReturnType<typeof countTerms>;

/** Shorter texts are analysed faster than they are looked up. */
const worthKeeping = 2_000;
/** Terms kept, of all texts together. */
const maxKept = 200_000;

const kept = new Map<string, { text: string; terms: Terms; size: number }>();
let size = 0;

const drop = (id: string): void => {
  size -= kept.get(id)?.size ?? 0;
  kept.delete(id);
};

const keep = (id: string, text: string, terms: Terms): void => {
  const added = Object.keys(terms).length;
  kept.set(id, { text, terms, size: added });
  size += added;
  for (const oldest of kept.keys()) {
    if (size <= maxKept) return;
    drop(oldest);
  }
};

/** The terms of a rough memory; long ones are kept for a while, because every search of their scope asks for them. */
export const roughTerms = ({ id, text }: { id: string; text: string }): Terms => {
  if (text.length < worthKeeping) return countTerms(text);
  const known = kept.get(id);
  if (known?.text === text) return known.terms;
  drop(id);
  const terms = countTerms(text);
  keep(id, text, terms);
  return terms;
};
