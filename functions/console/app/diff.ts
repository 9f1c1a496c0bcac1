/** Part of two texts: in both, in the old one alone, or in the new one alone. */
export interface DiffPart {
  kind: 'both' | 'old' | 'new';
  text: string;
}

/** Longest texts in words that are compared; longer ones are shown as replaced. */
const maxWords = 600;

/** Words with the spaces before them, so that the parts joined are the text. */
const wordsOf = (text: string): string[] => text.match(/\s*\S+|\s+$/gu) ?? [];

/** Lengths of the longest common subsequences of all ends of both lists, row by row. */
const commonLengths = (before: readonly string[], after: readonly string[]): Uint16Array => {
  const width = after.length + 1;
  const lengths = new Uint16Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i -= 1)
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const at = i * width + j;
      lengths[at] =
        before[i] === after[j]
          ? (lengths[at + width + 1] ?? 0) + 1
          : Math.max(lengths[at + width] ?? 0, lengths[at + 1] ?? 0);
    }
  return lengths;
};

const pushed = (parts: DiffPart[], kind: DiffPart['kind'], text: string): void => {
  const last = parts.at(-1);
  if (last?.kind === kind) last.text += text;
  else if (text !== '') parts.push({ kind, text });
};

/** Part of the next word: the longer rest in common decides, and of equal ones removals go first. */
const nextKind = (
  one: string | undefined,
  other: string | undefined,
  isOldFirst: boolean,
): DiffPart['kind'] => {
  if (one === other) return 'both';
  if (other === undefined) return 'old';
  return one !== undefined && isOldFirst ? 'old' : 'new';
};

/** Compares two lists of words. */
const diffLists = (before: readonly string[], after: readonly string[]): DiffPart[] => {
  const lengths = commonLengths(before, after);
  const common = (i: number, j: number): number => lengths[i * (after.length + 1) + j] ?? 0;
  const parts: DiffPart[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [one, other] = [before[i], after[j]];
    const kind = nextKind(one, other, common(i + 1, j) >= common(i, j + 1));
    pushed(parts, kind, (kind === 'new' ? other : one) ?? '');
    if (kind !== 'new') i += 1;
    if (kind !== 'old') j += 1;
  }
  return parts;
};

/**
 * Compares two texts word by word. The parts `both` and `old` joined are the old text, the parts `both` and `new` the new one:
 * plain texts, for text nodes.
 */
export const diffWords = (oldText: string, newText: string): DiffPart[] => {
  const [before, after] = [wordsOf(oldText), wordsOf(newText)];
  if (Math.max(before.length, after.length) <= maxWords) return diffLists(before, after);
  const parts: DiffPart[] = [];
  pushed(parts, 'old', oldText);
  pushed(parts, 'new', newText);
  return parts;
};
