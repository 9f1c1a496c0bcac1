/** Remaining character reads of the parser. Bounds the time for a hostile text. */
export interface ReadingBudget {
  left: number;
}

/** A complete value, and the position after the value. */
export interface ParsedValue {
  value: unknown;
  end: number;
}

/** Far more than the nesting of an answer. */
const maxDepth = 10;
/** Cost of starting a value, in character reads. */
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

/** Position after a comment that starts at `at`; `at` itself when there is none. */
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

/**
 * Whether a quotation mark ends its string: only before a character that may follow, since models forget to escape
 * quotes.
 */
const endsString = (text: string, at: number, budget: ReadingBudget): boolean => {
  const next = skipBlank(text, at + 1, budget);
  return next === text.length || ',:]}'.includes(text.charAt(next));
};

const readEscape = (text: string, at: number): ParsedValue => {
  const char = text.charAt(at + 1);
  const code = char === 'u' ? matchAt(hex, text, at + 2) : undefined;
  if (code !== undefined)
    return { value: String.fromCharCode(Number.parseInt(code, 16)), end: at + 6 };
  return { value: escapes[char] ?? char, end: at + 2 };
};

const backslash = 0x5c;

const readString = (text: string, from: number, budget: ReadingBudget): ParsedValue | undefined => {
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

const readWord = (text: string, at: number): ParsedValue | undefined => {
  const digits = matchAt(number, text, at);
  if (digits !== undefined) return { value: Number(digits), end: at + digits.length };
  const name = matchAt(word, text, at);
  if (name === undefined || !Object.hasOwn(words, name)) return undefined;
  return { value: words[name], end: at + name.length };
};

const readKey = (text: string, at: number, budget: ReadingBudget): ParsedValue | undefined => {
  if (isQuote(text.charAt(at))) return readString(text, at, budget);
  const name = matchAt(word, text, at);
  return name === undefined ? undefined : { value: name, end: at + name.length };
};

/**
 * Reads elements up to the closing bracket; tolerates trailing and doubled commas. Returns the end, undefined if
 * incomplete.
 */
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
 * Lenient JSON parser for the value at a position, as models write JSON: accepts comments, trailing commas, single quotes,
 * unquoted keys, raw line breaks and unescaped quotes in strings. Returns undefined for an incomplete value. Linear time:
 * each character read spends the budget, and values nested deeper than 10 levels are rejected.
 */
export const readValue = (
  text: string,
  at: number,
  budget: ReadingBudget,
  depth = 0,
): ParsedValue | undefined => {
  const char = text.charAt(at);
  budget.left -= costOfValue;
  if (depth > maxDepth || budget.left <= 0) return undefined;
  if (char === '{') return readObject(text, at, budget, depth);
  if (char === '[') return readArray(text, at, budget, depth);
  return isQuote(char) ? readString(text, at, budget) : readWord(text, at);
};
