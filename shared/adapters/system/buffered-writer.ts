/**
 * Creates a writer that buffers the lines of one tick and writes them together; the rest is written when the process
 * exits.
 */
export const createBufferedWriter = (stream: {
  write(text: string): unknown;
}): ((line: string) => void) => {
  let lines = '';
  const flush = (): void => {
    if (lines !== '') stream.write(lines);
    lines = '';
  };
  process.once('exit', flush);
  return (line) => {
    if (lines === '') setImmediate(flush);
    lines += line;
  };
};
