interface Exported {
  name: string;
  /** The docblock right before it; empty without one. */
  docblock: string;
  /** From its name to the end of its file's next blank-line-separated export. */
  code: string;
}

const exportsIn = (source: string): Exported[] => {
  const starts = [...source.matchAll(/^export const (\w+)/gm)];
  return starts.map((match, index) => {
    const before = source.slice(0, match.index);
    const docblock = /\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n$/.exec(before)?.[0] ?? '';
    return {
      name: match[1] ?? '',
      docblock,
      code: source.slice(match.index, starts[index + 1]?.index),
    };
  });
};

/** The signature of an arrow function, up to its arrow; empty for other values. */
const signatureOf = (code: string): string =>
  /^[^]*?=>/.exec(code.split('\n\n')[0] ?? '')?.[0] ?? '';

/** Exported asynchronous operations without a docblock. */
export const undocumentedIn = (source: string): string[] =>
  exportsIn(source)
    .filter(({ code }) => /\basync\b|Promise</.test(signatureOf(code)))
    .filter(({ docblock }) => docblock === '')
    .map(({ name }) => name);
