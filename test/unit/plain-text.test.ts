import { expect, it } from 'vitest';
import { plainText } from '../../shared/domain/plain-text.ts';

it.each([
  ['control characters', 'a\u0000b\u001bc\u009dd', 'abcd'],
  ['line ends of other systems', 'a\r\nb\rc\n\td', 'a\nb\nc\n\td'],
  ['the half of a character at the bound', '123456789\u{1F600}', '123456789\uFFFD'],
  ['what is beyond the bound', '123456789012', '1234567890'],
])('a foreign text is kept without %s', (_, text, kept) => {
  expect(plainText(text, 10)).toBe(kept);
});
