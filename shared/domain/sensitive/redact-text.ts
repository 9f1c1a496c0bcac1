import { ibanLength, isCard, nationalIds } from './checksums.ts';
import {
  masks,
  type RedactionCounts,
  type RedactionRules,
  type SensitiveKind,
} from './sensitive.ts';

/** Keys and tokens of known forms: GitHub, OpenAI and Stripe, Slack, AWS, Google, GitLab, npm, Hugging Face; and JSON web tokens. */
const tokens =
  /\b(?:(?:gh[opsru]_|github_pat_|sk[-_]|pk[-_]|rk_|xox[abeoprs]-|glpat-|npm_|hf_)[\w-]{12,200}|A[KS]IA[A-Z0-9]{12,32}|AIza[\w-]{20,80}|eyJ[\w-]{8,400}\.[\w-]{8,2000}(?:\.[\w-]{0,500})?)/g;
const bearer = /(\bBearer )([\w.~+/-]{12,2000})/g;
/** The password in an address: "postgres://app:...@host". */
const inAddress = /(\b[a-z][a-z+]{1,20}:\/\/[^\s:@/]{1,60}:)([^\s@/[]{1,100})(?=@)/gi;
/** A name of a user and the password behind a slash. */
const login = /(\b(?:log-?in|creds|credentials)\b[^\n/]{1,80} \/ ?)([^\s[]{4,100})/gi;
const privateKey =
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]{0,8000}(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?/g;
/** Digits of a card number, but not those of an id in hexadecimal groups or of a mistyped IBAN. */
const cardLike = /(?<![\w-]|\b[A-Z]{2}\d\d )\d(?:[ -]?\d){12,18}(?![\w-])/g;
const ibanLike = /(?<![A-Za-z\d])[A-Z]{2}\d{2}(?: ?[A-Z\d]){11,32}/g;
const email =
  /(?<![\p{L}\d._%+-])[\p{L}\d._%+-]{1,64}@[\p{L}\d-]{1,63}(?:\.[\p{L}\d-]{1,63}){1,8}(?![\p{L}\d@])/gu;
/** Numbers with a country code, with a trunk code, or in the groups of North America. */
const phone =
  /(?<![\w+.,/-]|\d )(?:(?:\+|00)[1-9](?:[ ()./-]{0,2}\d){6,14}|\(0?\d{2,5}\) ?\d(?:[ ./-]?\d){5,9}|0[1-9]\d{0,3}[ ./-]\d(?:[ ./-]?\d){5,9}|\d{3}[ .-]\d{3}[ .-]\d{4})(?![\w-])/g;

const secretName =
  '\\b(?:pass(?:word|code|phrase|wd)|pwd|pw|pin(?: (?:code|number))?|(?:api|access|secret|private|recovery) (?:key|code|token)|secret|cvv|cvc|security code|passport (?:no\\.?|number)|passwort|kennwort|contraseña|mot de passe|senha|wachtwoord)';
/** A secret behind its name and a verb or colon: "my PIN is 1234", "password: ...". */
const stated = new RegExp(
  `(${secretName}(?: (?:for|to|of|on|at) (?:[\\w'.-]{1,30} ){0,4}[\\w'.-]{1,30})?(?: is(?: now)?| are| ist| es| est| é|:| =|=) ?)(["']?[^\\s"'[]{3,100})`,
  'gi',
);
/** A variable of an environment file: "AWS_SECRET_ACCESS_KEY=...". */
const variable =
  /(\b[A-Z][A-Z0-9_]{0,40}(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PWD)[A-Z0-9_]{0,20} ?[=:] ?)(["']?[^\s"'[]{6,200})/g;
/** A secret right behind its name; a plain word there may be anything. */
const adjacent = new RegExp(
  `(${secretName} )(?=\\S{0,60}[\\d!@#$%^&*])(["']?[^\\s"'[]{4,100})`,
  'gi',
);

/** A code of a door or a device, and a one-time code. A word without a digit is no code. */
const code =
  /(\b(?:(?:wi-?fi|gate|door|alarm|entry|backup|verification|unlock|safe|garage) codes?|otp|one-time code|licen[cs]e key|code (?:for|to) the (?:[\w-]{1,20} ){0,3}[\w-]{1,20})(?: is(?: now)?| are|:| =|=)? )(?=[^\s[]{0,60}\d)([^\s[]{3,100})/gi;

/** The code on the back of a card. */
const cardCode = /(\bcv[vc]2? )(\d{3,4})(?!\d)/gi;

const endOfValue = /[.,;!?)]$/;

/** Called for each value that is found; returns what stands in its place. */
type Replace = (kind: SensitiveKind, value: string) => string;

/** Replaces the value, and keeps its name and the punctuation behind it. */
const replaceNamed =
  (replace: Replace) =>
  (_: string, name: string, value: string): string => {
    const end = endOfValue.exec(value)?.[0] ?? '';
    return name + replace('password', end ? value.slice(0, -1) : value) + end;
  };

const replaceIbans = (text: string, replace: Replace): string =>
  text.replace(ibanLike, (found) => {
    const length = ibanLength(found);
    return length === 0 ? found : replace('iban', found.slice(0, length)) + found.slice(length);
  });

const replaceIds = (text: string, replace: Replace): string =>
  nationalIds.reduce(
    (before, { pattern, isValid }) =>
      before.replace(pattern, (found) => (isValid(found) ? replace('national_id', found) : found)),
    text,
  );

/** Replaces values of one kind. */
const replacers: { readonly [kind in SensitiveKind]: (text: string, replace: Replace) => string } =
  {
    key: (text, replace) =>
      text
        .replace(privateKey, (found) => replace('key', found))
        .replace(tokens, (found) => replace('key', found)),
    iban: replaceIbans,
    card: (text, replace) =>
      text.replace(cardLike, (found) => (isCard(found) ? replace('card', found) : found)),
    national_id: replaceIds,
    email: (text, replace) => text.replace(email, (found) => replace('email', found)),
    phone: (text, replace) => text.replace(phone, (found) => replace('phone', found)),
    password: (text, replace) =>
      text
        .replace(bearer, replaceNamed(replace))
        .replace(inAddress, replaceNamed(replace))
        .replace(login, replaceNamed(replace))
        .replace(variable, replaceNamed(replace))
        .replace(stated, replaceNamed(replace))
        .replace(adjacent, replaceNamed(replace))
        .replace(code, replaceNamed(replace))
        .replace(cardCode, replaceNamed(replace)),
  };

/** The order in which kinds are looked for: a value belongs to the first kind that finds it. */
const order: readonly SensitiveKind[] = [
  'key',
  'iban',
  'national_id',
  'card',
  'email',
  'phone',
  'password',
];

/** A text after its redaction. */
export interface Redacted {
  text: string;
  /** Values that were masked or dropped. */
  counts: RedactionCounts;
  /** A kind that the rules refuse, if the text has a value of it. */
  refused?: SensitiveKind;
}

/**
 * Redacts a text by rules: passwords, PINs and door codes behind their names, passwords in addresses; keys and tokens of known forms; card numbers with a valid Luhn sum;
 * IBANs (mod 97); national ids of the United States, United Kingdom, Spain, Brazil, France, Italy and China, with their check digits;
 * e-mail addresses; phone numbers. Takes time linear in the length of the text.
 */
export const redactText = (text: string, rules: RedactionRules): Redacted => {
  const counts: RedactionCounts = {};
  let refused: SensitiveKind | undefined;
  const replace: Replace = (kind) => {
    const mode = rules[kind];
    if (mode === 'refuse') refused ??= kind;
    else counts[kind] = (counts[kind] ?? 0) + 1;
    return mode === 'drop' ? '' : masks[kind];
  };
  const redacted = order.reduce(
    (before, kind) => (rules[kind] ? replacers[kind](before, replace) : before),
    text,
  );
  return { text: redacted, counts, ...(refused && { refused }) };
};
