/**
 * The text without the characters at its end that `part` matches one by one. Takes time in proportion to what is cut: a
 * pattern such as `/[.!]+$/` tries every run of the text to its end.
 */
export const cutEnd = (text: string, part: RegExp): string => {
  let end = text.length;
  while (end > 0 && part.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
};
