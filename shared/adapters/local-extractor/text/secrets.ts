/** Words that ask to keep what follows, secrets included. */
const isAsked =
  /\b(?:remember|do not forget|don['’]?t forget|note|save|store|keep|memori[sz]e|write down)\b/i;

const redacted = '[redacted]';

/** Keys and tokens of known forms: GitHub, OpenAI and Stripe, Slack, AWS, Google, GitLab, npm, Hugging Face; and JSON web tokens. */
const tokens =
  /\b(?:(?:gh[opsru]_|github_pat_|sk[-_]|pk[-_]|rk_|xox[abeoprs]-|glpat-|npm_|hf_)[\w-]{12,200}|A[KS]IA[A-Z0-9]{12,32}|AIza[\w-]{20,80}|eyJ[\w-]{8,400}\.[\w-]{8,2000}(?:\.[\w-]{0,500})?)/g;
const privateKey =
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]{0,8000}(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?/g;
const socialSecurity = /(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])/g;
const cardLike = /(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])/g;

const kind = String.raw`(?:pass(?:word|code|phrase|wd)|pwd|pw|pin(?: (?:code|number))?|(?:api|access|secret|private|recovery) (?:key|code|token)|secret|cvv|cvc|security code|passport (?:no\.?|number))`;
/** A secret behind its name and a verb or colon: "my PIN is 1234", "password: ...". */
const stated = new RegExp(
  String.raw`(\b${kind}(?: (?:for|to|of|on|at) (?:[\w'.-]{1,30} ){0,4}[\w'.-]{1,30})?(?: is(?: now)?| are|:| =|=) ?)(["']?[^\s"']{3,100})`,
  'gi',
);
/** A variable of an environment file: "AWS_SECRET_ACCESS_KEY=...". */
const variable =
  /(\b[A-Z][A-Z0-9_]{0,40}(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PWD)[A-Z0-9_]{0,20} ?[=:] ?)(["']?[^\s"']{6,200})/g;
/** A secret right behind its name; a plain word there may be anything. */
const adjacent = new RegExp(
  String.raw`(\b${kind} )(?=\S{0,60}[\d!@#$%^&*])(["']?[^\s"']{4,100})`,
  'gi',
);

/** Checks the Luhn sum of the digits, which all payment cards satisfy. */
const isCard = (text: string): boolean => {
  const digits = text.replace(/\D/g, '');
  const sum = [...digits].reverse().reduce((total, digit, at) => {
    const value = Number(digit) * (at % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
};

const endOfValue = /[.,;!?)]$/;

/** Replaces the value, and keeps its name and the punctuation behind it. */
const hideValue = (_: string, name: string, value: string): string =>
  name + redacted + (endOfValue.exec(value)?.[0] ?? '');

/**
 * Replaces passwords, PINs, keys, tokens, card, passport and social security numbers by "[redacted]", so that a memory names the kind
 * of the secret alone. A text that asks to remember the secret stays unchanged.
 */
export const withoutSecrets = (text: string): string => {
  if (isAsked.test(text)) return text;
  return text
    .replace(privateKey, redacted)
    .replace(tokens, redacted)
    .replace(socialSecurity, redacted)
    .replace(cardLike, (found) => (isCard(found) ? redacted : found))
    .replace(variable, hideValue)
    .replace(stated, hideValue)
    .replace(adjacent, hideValue);
};
