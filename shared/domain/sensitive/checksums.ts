const digitsOf = (text: string): number[] => [...text.replace(/\D/g, '')].map(Number);

/** Checks the Luhn sum of digits, which all payment cards satisfy. */
const hasLuhnSum = (digits: string): boolean => {
  let total = 0;
  for (let at = digits.length - 1, isDoubled = false; at >= 0; at -= 1, isDoubled = !isDoubled) {
    const value = Number(digits[at]) * (isDoubled ? 2 : 1);
    total += value > 9 ? value - 9 : value;
  }
  return total % 10 === 0;
};

/** Digits of cards by their issuers: Visa, Mastercard, American Express, Diners Club, JCB, Discover, UnionPay. */
const issued =
  /^(?:4\d{15}(?:\d{3})?|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3[068]\d{12}|35\d{14}|6(?:011|4[4-9]\d|5\d\d)\d{12}|62\d{14,17})$/;
/** Groups in which cards are printed: all digits, fours, or 4-6-5 and 4-6-4. */
const printed = /^(?:\d+|\d{4}(?: \d{4}){2,3}(?: \d{1,4})?|\d{4} \d{6} \d{4,5})$/;
const minDigits = 13;
const maxDigits = 19;

/** Beginning and end of a part of a text. */
type Span = readonly [start: number, end: number];

/** The card that begins with a group of a run. A group of another size than the first one of a card begins none. */
const cardFrom = (groups: readonly RegExpExecArray[], from: number): Span | undefined => {
  const first = groups[from];
  if (!first || (first[0].length !== 4 && first[0].length < minDigits)) return undefined;
  let digits = '';
  let shown = '';
  for (const group of groups.slice(from, from + 5)) {
    digits += group[0];
    shown += shown === '' ? group[0] : ` ${group[0]}`;
    if (digits.length > maxDigits) return undefined;
    const isCard = issued.test(digits) && printed.test(shown) && hasLuhnSum(digits);
    if (isCard) return [first.index, group.index + group[0].length];
  }
  return undefined;
};

/**
 * Finds the cards in a run of digits with separators. The run as a whole is one if it has spaces and hyphens alone, in any groups.
 * Further digits may stand beside cards in the usual groups, such as the month in which a card expires.
 */
export const cardsIn = (run: string): Span[] => {
  const digits = run.replace(/\D/g, '');
  if (digits.length <= maxDigits && /^[\d -]*$/.test(run) && hasLuhnSum(digits))
    return [[0, run.length]];
  const groups = [...run.matchAll(/\d+/g)];
  const spans: Span[] = [];
  for (let at = 0; at < groups.length; at += 1) {
    const card = cardFrom(groups, at);
    if (!card) continue;
    spans.push(card);
    while ((groups[at + 1]?.index ?? run.length) < card[1]) at += 1;
  }
  return spans;
};

/** Remainder of a decimal number of any length. */
const remainder = (digits: string, divisor: number): number =>
  [...digits].reduce((rest, digit) => (rest * 10 + Number(digit)) % divisor, 0);

/** Length of an IBAN by country, from the registry of SWIFT. */
const ibanLengths = new Map(
  (
    'AD24AE23AL28AT20AZ28BA20BE16BG22BH22BR29BY28CH21CR22CY28CZ24DE22DK18DO28EE20EG29ES24FI18FO18FR27GB22GE22GI23GL18GR27GT28' +
    'HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21MC27MD24ME22MK19MR27MT31MU30NL18NO15PK24PL28PS29PT25QA29' +
    'RO24RS22SA24SC31SE24SI19SK24SM27ST25SV28TL23TN24TR26UA29VA22VG24XK20'
  )
    .match(/[A-Z]{2}\d{2}/g)
    ?.map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

const groupsOfFour = /^[A-Z]{2}\d\d(?:[-.][A-Z\d]{4})+(?:[-.][A-Z\d]{1,3})?$/;

/**
 * Length of the IBAN that a text begins with, in characters of the text with its separators; 0 if there is none. By ISO 13616: the
 * length of its country, and 1 modulo 97.
 */
export const ibanLength = (given: string): number => {
  const text = given.toUpperCase();
  const wanted = ibanLengths.get(text.slice(0, 2)) ?? Number.POSITIVE_INFINITY;
  let compact = '';
  let end = 0;
  for (; end < text.length && compact.length < wanted; end += 1)
    if (/[A-Z\d]/.test(text[end] ?? '')) compact += text[end];
  if (compact.length !== wanted || /^[A-Za-z\d]/.test(text.slice(end))) return 0;
  // Ids have groups of other sizes.
  if (/[-.]/.test(text.slice(0, end)) && !groupsOfFour.test(text.slice(0, end))) return 0;
  const numbers = (compact.slice(4) + compact.slice(0, 4)).replace(/[A-Z]/g, (symbol) =>
    String(symbol.charCodeAt(0) - 55),
  );
  return remainder(numbers, 97) === 1 ? end : 0;
};

/** Areas that no social security number of the United States has. */
const isSocialSecurity = (text: string): boolean => !/^(?:000|666|9)/.test(text);

/** Letters of Spanish ids, by the number modulo 23. */
const isSpanish = (text: string): boolean => {
  const digits = text.slice(0, 8).replace(/^[XYZ]/, (first) => String('XYZ'.indexOf(first)));
  return 'TRWAGMYFPDXBNJZSQVHLCKE'[Number(digits) % 23] === text[8];
};

/** Weighted sum of leading digits, with weights that fall by one down to `last`. */
const weighted = (digits: readonly number[], count: number, last: number): number =>
  digits.slice(0, count).reduce((sum, digit, at) => sum + digit * (count - 1 - at + last), 0);

/** Two check digits of a Brazilian CPF. */
const isBrazilian = (text: string): boolean => {
  const digits = digitsOf(text);
  return [9, 10].every((count) => ((weighted(digits, count, 2) * 10) % 11) % 10 === digits[count]);
};

/** Check digits of a French number: 97 minus the rest. Corsican departments have a letter. */
const isFrench = (text: string): boolean => {
  const compact = text.replaceAll(' ', '').replace('2A', '19').replace('2B', '18');
  return 97 - remainder(compact.slice(0, 13), 97) === Number(compact.slice(13));
};

const chineseWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** Check character of a Chinese resident number (ISO 7064, MOD 11-2). */
const isChinese = (text: string): boolean => {
  const sum = chineseWeights.reduce((total, weight, at) => total + weight * Number(text[at]), 0);
  return '10X98765432'[sum % 11] === text[17]?.toUpperCase();
};

/** Forms of national ids, each with its check. */
export const nationalIds: readonly { pattern: RegExp; isValid: (text: string) => boolean }[] = [
  { pattern: /(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])/g, isValid: isSocialSecurity },
  {
    pattern: /(?<![A-Z\d])[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D](?![A-Z\d])/g,
    isValid: () => true,
  },
  { pattern: /(?<![A-Z\d])(?:\d{8}|[XYZ]\d{7})[A-Z](?![A-Z\d])/g, isValid: isSpanish },
  { pattern: /(?<![\d.-])\d{3}\.\d{3}\.\d{3}-\d{2}(?![\d.-])/g, isValid: isBrazilian },
  {
    pattern:
      /(?<![A-Z\d])[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?![A-Z\d])/g,
    isValid: isFrench,
  },
  {
    pattern: /(?<![A-Z\d])[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z](?![A-Z\d])/g,
    isValid: () => true,
  },
  {
    pattern: /(?<![A-Z\d])\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])\d{5}[\dXx](?![A-Z\d])/g,
    isValid: isChinese,
  },
];
