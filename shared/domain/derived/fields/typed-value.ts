import type { Shape } from '../shape.ts';

const numberWords = 'zero one two three four five six seven eight nine ten eleven twelve'.split(
  ' ',
);
const numbers =
  /(?<![\p{L}\d.,-])-?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d])|(?<![\p{L}\d.,])-?\d+(?:\.\d+)?/gu;

/** The only number of a text: `80,000`, `80k`, `two`. Null if the text has none or several. */
export const numberIn = (text: string): number | null => {
  const found = [...text.matchAll(numbers)].map(({ 0: digits, index }) => {
    const isThousands = /^k\b/i.test(text.slice(index + digits.length));
    return Number(digits.replaceAll(',', '')) * (isThousands ? 1_000 : 1);
  });
  if (found.length > 0) return found.length === 1 ? (found[0] ?? null) : null;
  const words = text.toLowerCase().split(/[^a-z]+/);
  const spelt = words.flatMap((word) => {
    const number = numberWords.indexOf(word);
    return number >= 0 ? [number] : [];
  });
  return spelt.length === 1 ? (spelt[0] ?? null) : null;
};

const months =
  'january february march april may june july august september october november december'.split(
    ' ',
  );
const monthName =
  '(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?';
const isoDate = /\b(\d{4})-(\d{2})-(\d{2})\b/;
const dayFirst = new RegExp(
  `\\b(\\d{1,2})(?:st|nd|rd|th)?(?: of)? ${monthName},? (\\d{4})\\b`,
  'i',
);
const monthFirst = new RegExp(`\\b${monthName} (\\d{1,2})(?:st|nd|rd|th)?,? (\\d{4})\\b`, 'i');
const dayOfYear = new RegExp(
  `\\b(?:\\d{1,2}(?:st|nd|rd|th)?(?: of)? ${monthName}|${monthName} \\d{1,2}(?:st|nd|rd|th)?)(?:,? \\d{4})?\\b`,
  'i',
);

const written = (year: number, month: number, day: number): string | null => {
  const date = new Date(Date.UTC(year, month - 1, day));
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isReal ? date.toISOString().slice(0, 10) : null;
};

const monthOf = (name: string): number =>
  months.findIndex((month) => month.startsWith(name.slice(0, 3).toLowerCase())) + 1;

/** The calendar date of a text, as `YYYY-MM-DD`; null if it has none with a year. */
const dateIn = (text: string): string | null => {
  const iso = isoDate.exec(text);
  if (iso) return written(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const day = dayFirst.exec(text);
  if (day) return written(Number(day[3]), monthOf(day[2] ?? ''), Number(day[1]));
  const month = monthFirst.exec(text);
  if (month) return written(Number(month[3]), monthOf(month[1] ?? ''), Number(month[2]));
  return null;
};

const emailAddress = /(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}/;
const phoneNumber = /\+?\d[\d\s().-]{4,18}\d/;
/** Capitalized words, and small words between them: a name of a person, an animal or a company. */
const properName =
  /^\p{Lu}[\p{L}\p{M}\d'’.&-]*(?: (?:(?:of|the|de|da|la|van|von|der|den|and|&) )*\p{Lu}[\p{L}\p{M}\d'’.&-]*){0,5}/u;

/** The e-mail address of a text, or null. */
export const emailIn = (text: string): string | null =>
  emailAddress.exec(text)?.[0].replace(/\.$/, '') ?? null;
/** The telephone number of a text, or null. */
export const phoneIn = (text: string): string | null => phoneNumber.exec(text)?.[0] ?? null;
/** The name that a text opens with, or null. */
export const nameIn = (text: string): string | null => properName.exec(text)?.[0] ?? null;

/** The date of a text as the text puts it, without a year if it has none; or null. */
export const spokenDateIn = (text: string): string | null =>
  isoDate.exec(text)?.[0] ?? dayOfYear.exec(text)?.[0] ?? null;

/** Text of a value in the format of its shape: a date of JSON Schema has a year. Null where the text has no such value. */
export const formatted = (
  shape: Extract<Shape, { type: 'string' }>,
  text: string,
): string | null => {
  switch (shape.format) {
    case 'date':
      return dateIn(text);
    case 'date-time': {
      const date = dateIn(text);
      return date === null ? null : `${date}T00:00:00Z`;
    }
    case 'email':
      return emailIn(text);
    default:
      return text;
  }
};
