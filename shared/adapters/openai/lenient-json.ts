/** Characters that reading may still look at. It bounds the time that a hostile text takes. */
export interface ReadingBudget {
  left: number;
}

/** A value that was read whole, and the position after it. */
export interface WholeValue {
  value: unknown;
  end: number;
}

/** Far more than an answer has around and in it. */
const maxDepth = 10;
/** Work of beginning a value, in looks at a character. */
const costOfValue = 8;

const escapes: { readonly [char: string]: string } = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
};

const words: { readonly [word: string]: boolean | null } = {
  true: true,
  false: false,
  null: null,
  undefined: null,
  NaN: null,
  True: true,
  False: false,
  None: null,
};

const number = /-?\d{1,20}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?/y;
const word = /[A-Za-z_$][\w$]{0,60}/y;
const hex = /[0-9a-fA-F]{4}/y;

const isSpace = (code: number): boolean =>
  code === 32 || (code >= 9 && code <= 13) || code === 0xa0 || code === 0xfeff;

const matchAt = (pattern: RegExp, text: string, at: number): string | undefined => {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
};

/** Position after the comment that begins here; the same one where none does. */
const skipComment = (text: string, at: number): number => {
  if (text.charAt(at) !== '/') return at;
  const close = { '/': '\n', '*': '*/' }[text.charAt(at + 1)];
  if (close === undefined) return at;
  const end = text.indexOf(close, at + 2);
  return end === -1 ? text.length : end + close.length;
};

/** Position after spaces and comments. */
const skipBlank = (text: string, from: number, budget: ReadingBudget): number => {
  let at = from;
  for (;;) {
    while (at < text.length && isSpace(text.charCodeAt(at))) at += 1;
    const next = skipComment(text, at);
    if (next === at) break;
    at = next;
  }
  budget.left -= at - from;
  return at;
};

/** A quotation mark ends its string only before what may follow a string: models forget to escape the others. */
const endsString = (text: string, at: number, budget: ReadingBudget): boolean => {
  const next = skipBlank(text, at + 1, budget);
  return next === text.length || ',:]}'.includes(text.charAt(next));
};

const readEscape = (text: string, at: number): WholeValue => {
  const char = text.charAt(at + 1);
  const code = char === 'u' ? matchAt(hex, text, at + 2) : undefined;
  if (code !== undefined)
    return { value: String.fromCharCode(Number.parseInt(code, 16)), end: at + 6 };
  return { value: escapes[char] ?? char, end: at + 2 };
};

const backslash = 0x5c;

const readString = (text: string, from: number, budget: ReadingBudget): WholeValue | undefined => {
  const quote = text.charCodeAt(from);
  let value = '';
  let copied = from + 1;
  let at = copied;
  const max = Math.min(text.length, from + budget.left);
  while (at < max) {
    const code = text.charCodeAt(at);
    if (code === backslash) {
      const escaped = readEscape(text, at);
      value += text.slice(copied, at) + String(escaped.value);
      at = escaped.end;
      copied = at;
    } else if (code === quote && endsString(text, at, budget)) {
      budget.left -= at - from;
      return { value: value + text.slice(copied, at), end: at + 1 };
    } else at += 1;
  }
  budget.left -= at - from;
  return undefined;
};

const isQuote = (char: string): boolean => char === '"' || char === "'";

const readWord = (text: string, at: number): WholeValue | undefined => {
  const digits = matchAt(number, text, at);
  if (digits !== undefined) return { value: Number(digits), end: at + digits.length };
  const name = matchAt(word, text, at);
  if (name === undefined || !Object.hasOwn(words, name)) return undefined;
  return { value: words[name], end: at + name.length };
};

const readKey = (text: string, at: number, budget: ReadingBudget): WholeValue | undefined => {
  if (isQuote(text.charAt(at))) return readString(text, at, budget);
  const name = matchAt(word, text, at);
  return name === undefined ? undefined : { value: name, end: at + name.length };
};

/** Elements up to the closing bracket; commas too many are passed over. */
const readElements = (
  text: string,
  from: number,
  close: string,
  budget: ReadingBudget,
  readOne: (at: number) => number | undefined,
): number | undefined => {
  let at = skipBlank(text, from, budget);
  while (at < text.length && budget.left > 0) {
    budget.left -= 1;
    if (text.charAt(at) === close) return at + 1;
    const end = readOne(at);
    if (end === undefined) return undefined;
    at = skipBlank(text, end, budget);
    if (text.charAt(at) === ',') at = skipBlank(text, at + 1, budget);
    else if (text.charAt(at) !== close) return undefined;
  }
  return undefined;
};

const readArray = (text: string, from: number, budget: ReadingBudget, depth: number) => {
  const value: unknown[] = [];
  const end = readElements(text, from + 1, ']', budget, (at) => {
    const element = readValue(text, at, budget, depth + 1);
    if (element) value.push(element.value);
    return element?.end;
  });
  return end === undefined ? undefined : { value, end };
};

const readObject = (text: string, from: number, budget: ReadingBudget, depth: number) => {
  const members = new Map<string, unknown>();
  const end = readElements(text, from + 1, '}', budget, (at) => {
    const key = readKey(text, at, budget);
    const colon = key && skipBlank(text, key.end, budget);
    if (colon === undefined || text.charAt(colon) !== ':') return undefined;
    const member = readValue(text, skipBlank(text, colon + 1, budget), budget, depth + 1);
    if (member) members.set(String(key?.value), member.value);
    return member?.end;
  });
  return end === undefined ? undefined : { value: Object.fromEntries(members), end };
};

/**
 * The JSON value that begins at this position, as models write it: also with comments, commas at the end, single quotes,
 * keys without quotes, raw line breaks and unescaped quotes in strings. Undefined when it is not whole. The time is linear:
 * each look at a character spends the budget, and what is nested deeper than 10 levels is not read.
 */
export const readValue = (
  text: string,
  at: number,
  budget: ReadingBudget,
  depth = 0,
): WholeValue | undefined => {
  const char = text.charAt(at);
  budget.left -= costOfValue;
  if (depth > maxDepth || budget.left <= 0) return undefined;
  if (char === '{') return readObject(text, at, budget, depth);
  if (char === '[') return readArray(text, at, budget, depth);
  return isQuote(char) ? readString(text, at, budget) : readWord(text, at);
};
