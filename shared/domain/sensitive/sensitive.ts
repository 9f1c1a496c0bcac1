/** Kinds of sensitive values that are found in texts. */
export const sensitiveKinds = [
  'password',
  'key',
  'card',
  'iban',
  'national_id',
  'email',
  'phone',
] as const;
export type SensitiveKind = (typeof sensitiveKinds)[number];

/** Ways to treat a value: replace it by its kind, remove it, or refuse the whole request. */
export const redactionModes = ['mask', 'drop', 'refuse'] as const;
export type RedactionMode = (typeof redactionModes)[number];

/** Modes by kind; a kind without a mode is kept. */
export type RedactionRules = { readonly [kind in SensitiveKind]?: RedactionMode };

/** Numbers of values that were replaced or removed, by kind. */
export type RedactionCounts = { [kind in SensitiveKind]?: number };

/** Text that stands for a masked value. A password stands behind its name, which stays. */
export const masks: { readonly [kind in SensitiveKind]: string } = {
  password: '[redacted]',
  key: '[redacted key]',
  card: '[redacted card number]',
  iban: '[redacted IBAN]',
  national_id: '[redacted id number]',
  email: '[redacted e-mail address]',
  phone: '[redacted phone number]',
};

/** Names of the kinds in sentences. */
const sensitiveNames: { readonly [kind in SensitiveKind]: string } = {
  password: 'a password or PIN',
  key: 'a key or token',
  card: 'a card number',
  iban: 'an IBAN',
  national_id: 'a national id number',
  email: 'an e-mail address',
  phone: 'a phone number',
};

/** Adds counts up; undefined when there are none. */
export const addRedactions = (
  ...all: readonly (RedactionCounts | undefined)[]
): RedactionCounts | undefined => {
  const sum: RedactionCounts = {};
  for (const counts of all)
    for (const kind of sensitiveKinds)
      if (counts?.[kind]) sum[kind] = (sum[kind] ?? 0) + counts[kind];
  return Object.keys(sum).length > 0 ? sum : undefined;
};

/** Number of values of all kinds. */
export const redactionTotal = (counts: RedactionCounts | undefined): number =>
  Object.values(counts ?? {}).reduce((sum, count) => sum + count, 0);

/** A text has a value that the project refuses. `field` is the part of the request, such as `messages[0].content`. */
export class RefusedValueError extends Error {
  readonly kind: SensitiveKind;
  readonly field: string;

  constructor(kind: SensitiveKind, field: string) {
    super(`${field} has ${sensitiveNames[kind]}, which this project refuses.`);
    this.name = 'RefusedValueError';
    this.kind = kind;
    this.field = field;
  }
}
