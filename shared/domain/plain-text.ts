const lineEnd = /\r\n?/g;
const control = /[\p{Cc}--[\n\t]]/gv;

/**
 * Text of a foreign answer or file as it is kept: without control characters but for line ends and tabs, and without halves of
 * characters (lone surrogates), which the stores would not keep alike.
 * @param max bound in characters
 */
export const plainText = (text: string, max: number): string =>
  text.replace(lineEnd, '\n').replace(control, '').slice(0, max).toWellFormed();
