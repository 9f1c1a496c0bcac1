import { cardsIn, ibanLength, nationalIds } from './checksums.ts';
import {
  masks,
  type RedactionCounts,
  type RedactionRules,
  type SensitiveKind,
} from './sensitive.ts';

/** Keys and tokens of known forms: GitHub, OpenAI and Stripe, Slack, AWS, Google, GitLab, npm, Hugging Face; and JSON web tokens. */
const tokens =
  /\b(?:(?:gh[opsru]_|github_pat_|sk[-_]|pk[-_]|rk_|xox[abeoprs]-|glpat-|npm_|hf_)[\w-]{12,200}|A[KS]IA[A-Z0-9]{12,32}|AIza[\w-]{20,80}|eyJ[\w-]{8,400}\.[\w-]{8,2000}(?:\.[\w-]{0,500})?)/g;
const bearer = /(\bBearer |\bAuthorization: ?Basic )([\w.~+/=-]{12,2000})/g;
/** The password in an address: "postgres://app:...@host". */
const inAddress = /(\b[a-z][a-z+]{1,20}:\/\/[^\s:@/]{1,60}:)([^\s@/[]{1,100})(?=@)/gi;
/** A name of a user and the password behind a slash. */
const login = /(\b(?:log-?in|creds|credentials)\b[^\n/]{1,80} \/ ?)([^\s[]{4,100})/gi;
const privateKey =
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?:(?!-----(?:BEGIN|END) )[\s\S]){0,8000}(?:-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----)?/g;
/**
 * Digits that may be a card number, with spaces, points, hyphens or dashes between their groups; but not those of an id in hexadecimal
 * groups or of a mistyped IBAN.
 */
const cardLike =
  /(?<![\w-]|\b[A-Z]{2}\d\d )\d(?:[ .\u00A0\u2007-\u2015\u202F-]{0,2}\d){12,60}(?![\w-])/g;
const ibanLike = /(?<![A-Za-z\d])[A-Z]{2}\d{2}(?:[ .\u00A0\u2007-\u2015\u202F-]?[A-Z\d]){11,32}/gi;
/** A social security number behind its name, in groups or not. */
const namedSocialSecurity =
  /(\b(?:ssn|social security (?:number|no\.?))(?: is|:|=)? ?)(\d{3}[ -]?\d{2}[ -]?\d{4})(?![\d-])/gi;
const email =
  /(?<![\p{L}\d._%+-])[\p{L}\d._%+-]{1,64}@[\p{L}\d-]{1,63}(?:\.[\p{L}\d-]{1,63}){1,8}(?![\p{L}\d@])/gu;
/** Numbers with a country code, with a trunk code, in the groups of North America, or of mobile phones in China. */
const phone =
  /(?<![\w+.,/-]|\d )(?:(?:\+|00)[1-9](?:[ ()./-]{0,2}\d){6,14}|\(0?\d{2,5}\) ?\d(?:[ ./-]?\d){5,9}|0[1-9]\d{0,3}[ ./-]\d(?:[ ./-]?\d){5,9}|(?:1[ .-])?\d{3}[ .-]\d{3}[ .-]\d{4}|1[3-9]\d(?: \d{4} |-\d{4}-|\d{4})\d{4})(?![\w-])/g;

const secretName =
  '\\b(?:pass(?:word|code|phrase|wd)s?|pwd|pw|pins?(?: (?:code|number))?|(?:api|access|secret|private|recovery) (?:key|code|token)|secret|cvv|cvc|security code|passport (?:no\\.?|number)|passwort|kennwort|contraseña|mot de passe|senha|wachtwoord)';
/** Words and signs between the name of a secret and the secret. */
const connector =
  '(?: (?:(?:is|was|has been|got) )?(?:changed|set|reset) to| (?:is|was)(?: now| still| always)?| are| were| ist| es| est| é| ?(?:=>|->|:=|:|=)) ?';
/** Characters that no secret has, unless it is in quotes. */
const endsSecret = '\\s"\'“”‘’`[';
/** A secret: all that is in quotes, else a word. */
const secretValue = `(?<=")[^"\\n[]{3,100}(?=")|(?<=')[^'\\n[]{3,100}(?=')|(?<=“)[^”\\n[]{3,100}(?=”)|[^${endsSecret}]{3,100}`;
/** Words that say something about a secret and are none: "my password is too weak". */
const noSecret =
  '(?!(?:not|too|out|lost|wrong|weak|strong|safe|secure|the|an?|in|on|at|very|so|never|no|gone|required|needed|expired|old|forgotten|incorrect|stored|saved|kept|written|different|same|changed|reset|to)(?:[\\s.,;!?]|$))';
/** A secret behind its name and a verb or colon: "my PIN is 1234", "password: ...". */
const stated = new RegExp(
  `(${secretName}["']?(?: (?:for|to|of|on|at) (?:[\\w'.-]{1,30} ){0,4}[\\w'.-]{1,30})?${connector}["'“‘\`]?)${noSecret}(${secretValue})`,
  'gi',
);
/** The same in Chinese, Japanese and Korean. */
const statedInCjk =
  /((?:密码|口令|密钥|暗号|パスワード|비밀번호)(?: ?(?:是|为|は|는|:|：|=)){1,2} ?["'“「]?)([!-Z^-~]{4,100})/g;
/** A variable of an environment file: "AWS_SECRET_ACCESS_KEY=...". */
const variable =
  /(\b[A-Z][A-Z0-9_]{0,40}(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PWD)[A-Z0-9_]{0,20} ?[=:] ?["']?)([^\s"'[]{6,200})/g;
/** A secret right behind its name; a plain word there may be anything. */
const adjacent = new RegExp(
  `(${secretName} ["'“‘\`]?)(?=\\S{0,60}[\\d!@#$%^&*])(${secretValue.replaceAll('{3,', '{4,')})`,
  'gi',
);

/** A code of a door or a device, and a one-time code. A word without a digit is no code. */
const code =
  /(\b(?:(?:wi-?fi|gate|door|alarm|entry|backup|verification|unlock|safe|garage) codes?|otp|one-time code|licen[cs]e key|code (?:for|to) the (?:[\w-]{1,20} ){0,3}[\w-]{1,20})(?: is(?: now)?| are|:| =|=)? )(?=[^\s[]{0,60}\d)([^\s[]{3,100})/gi;

/** The code on the back of a card. */
const cardCode = /(\bcv[vc]2? )(\d{3,4})(?!\d)/gi;

const endOfValue = /[.,;!?)]$/;

/** Passwords of a text, or of texts that belong together, that are replaced wherever they stand again. */
export type Repeated = Set<string>;
const maxRepeated = 20;
/** Passwords that are no words or years, so that they mean the same elsewhere. */
const isDistinct = (value: string): boolean =>
  (value.length >= 6 && /\d|[^\p{L}\d]/u.test(value)) ||
  (/^\d{4,5}$/.test(value) && !/^(?:19|20)\d\d$/.test(value));
const ofWord = /[\p{L}\d_]/u;

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

const replaceSpans = (text: string, spans: ReturnType<typeof cardsIn>, replace: Replace): string =>
  spans.reduceRight(
    (before, [start, end]) =>
      before.slice(0, start) + replace('card', text.slice(start, end)) + before.slice(end),
    text,
  );

const replaceIds = (text: string, replace: Replace): string =>
  nationalIds.reduce(
    (before, { pattern, isValid }) =>
      before.replace(pattern, (found) => (isValid(found) ? replace('national_id', found) : found)),
    text.replace(namedSocialSecurity, (_, name, value) => name + replace('national_id', value)),
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
      text.replace(cardLike, (found) => replaceSpans(found, cardsIn(found), replace)),
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
        .replace(statedInCjk, replaceNamed(replace))
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

/** Replaces values wherever they stand as whole words. */
const replaceRepeated = (text: string, repeated: Repeated, replace: Replace): string =>
  [...repeated].reduce(
    (before, value) =>
      before.replaceAll(value, (found, at: number, whole: string) => {
        const around = [whole[at - 1] ?? '', whole[at + value.length] ?? ''];
        return around.some((one) => ofWord.test(one)) ? found : replace('password', found);
      }),
    text,
  );

/** Counts values, and returns what stands in their place by the rules. */
const createReplace = (rules: RedactionRules, repeated?: Repeated) => {
  const counts: RedactionCounts = {};
  let refused: SensitiveKind | undefined;
  const replace: Replace = (kind, value) => {
    const mode = rules[kind];
    if (mode === 'refuse') refused ??= kind;
    else counts[kind] = (counts[kind] ?? 0) + 1;
    if (repeated && kind === 'password' && isDistinct(value) && repeated.size < maxRepeated)
      repeated.add(value);
    return mode === 'drop' ? '' : masks[kind];
  };
  const result = (text: string): Redacted => ({ text, counts, ...(refused && { refused }) });
  return { replace, result };
};

/** Redacts nothing but passwords of other texts, where a text has them as whole words. */
export const redactRepeated = (
  text: string,
  rules: RedactionRules,
  repeated: Repeated,
): Redacted => {
  const { replace, result } = createReplace(rules);
  return result(rules.password ? replaceRepeated(text, repeated, replace) : text);
};

/**
 * Redacts a text by rules: passwords, PINs and door codes behind their names, and where they are repeated; passwords in addresses; keys
 * and tokens of known forms; card numbers with a valid Luhn sum; IBANs (mod 97); national ids of the United States, United Kingdom,
 * Spain, Brazil, France, Italy and China, with their check digits; e-mail addresses; phone numbers. Takes time linear in the length of
 * the text.
 * @param repeated passwords of other texts, to which those of this text are added
 */
export const redactText = (
  text: string,
  rules: RedactionRules,
  repeated: Repeated = new Set(),
): Redacted => {
  const { replace, result } = createReplace(rules, repeated);
  const named = order.reduce(
    (before, kind) => (rules[kind] ? replacers[kind](before, replace) : before),
    text,
  );
  return result(rules.password ? replaceRepeated(named, repeated, replace) : named);
};
