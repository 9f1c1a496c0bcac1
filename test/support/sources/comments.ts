export interface SourceComment {
  path: string;
  /** Line of the first word, from 1. */
  line: number;
  /** Whole comment in one line, without comment marks. */
  text: string;
}

const directive = /^\/\/ (?:biome-ignore|@ts-)/;

/**
 * Comments at the beginning of a line, in source order. Consecutive `//` lines are one comment, each tag of a docblock is
 * a separate comment, and directives to tools are left out.
 */
export const commentsIn = (path: string, source: string): SourceComment[] => {
  const found: SourceComment[] = [];
  let open: SourceComment | undefined;
  let isBlock = false;

  const close = (): void => {
    if (open && open.text.trim() !== '') found.push({ ...open, text: open.text.trim() });
    open = undefined;
  };

  const add = (words: string, index: number): void => {
    open ??= { path, line: index + 1, text: '' };
    if (words.trim() !== '') open.text += ` ${words.trim()}`;
  };

  const readBlockLine = (line: string, index: number): void => {
    const words = line.replace(/\*\/$/, '').replace(/^(?:\/\*\*|\*)\s?/, '');
    if (/^@\w+/.test(words)) close();
    add(words.replace(/^@(?:throws|returns|param \S+)\s*/, ''), index);
    isBlock = !line.endsWith('*/');
    if (!isBlock) close();
  };

  for (const [index, raw] of source.split('\n').entries()) {
    const line = raw.trim();
    if (isBlock || line.startsWith('/**')) {
      if (!isBlock) close();
      readBlockLine(line, index);
    } else if (line.startsWith('//') && !directive.test(line)) add(line.slice(2), index);
    else close();
  }
  close();
  return found;
};
