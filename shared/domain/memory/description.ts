import { occurrenceFrom } from './occurrence.ts';

/**
 * Kinds of refined memories: something that is true, what the user prefers, or how tools were used. A memory without a kind is a fact.
 */
export const memoryKinds = ['fact', 'preference', 'tool'] as const;
export type MemoryKind = (typeof memoryKinds)[number];

/** `explicit`: the user said it; `implicit`: concluded from what the user did. */
export const preferenceTypes = ['explicit', 'implicit'] as const;
export type PreferenceType = (typeof preferenceTypes)[number];

/** Description of the text of a memory by its model, or by rules. */
export interface TextDescription {
  kind?: MemoryKind;
  /** Of a preference. */
  preferenceType?: PreferenceType;
  /** Grounds of a preference, with what was not said; of a tool, what was learnt. */
  reasoning?: string;
  /** A few words for the whole text. */
  title?: string;
  /** Topics of the text. */
  tags?: string[];
  /** When it happens or happened what the text says, apart from when it was said: an ISO date of a day, a month or a year. */
  occursOn?: string;
}

/** Bounds in characters, and of the number of tags. */
const maxTitle = 120;
const maxReasoning = 1_000;
const maxTag = 64;
const maxTags = 8;

const cut = (text: string | undefined, max: number): string | undefined =>
  text?.trim().slice(0, max).toWellFormed() || undefined;

const tagsOf = (tags: readonly string[]): string[] =>
  [...new Set(tags.flatMap((tag) => cut(tag, maxTag) ?? []))].slice(0, maxTags);

/** Copies the description of a text, within bounds. Only a preference has a type, and no fact has a reasoning. */
export const descriptionOf = (described: TextDescription): TextDescription => {
  const { kind, preferenceType, tags = [] } = described;
  const isPreference = kind === 'preference';
  const title = cut(described.title, maxTitle);
  const reasoning = cut(described.reasoning, maxReasoning);
  const kept = tagsOf(tags);
  const occursOn = occurrenceFrom(described.occursOn ?? '');
  return {
    ...(kind !== undefined && { kind }),
    ...(isPreference && { preferenceType: preferenceType ?? 'explicit' }),
    ...((isPreference || kind === 'tool') && reasoning !== undefined && { reasoning }),
    ...(title !== undefined && { title }),
    ...(kept.length > 0 && { tags: kept }),
    ...(occursOn !== undefined && { occursOn }),
  };
};

/** Leaves out the description of a text that is replaced. */
export const withoutDescription = <T extends TextDescription>(
  described: T,
): Omit<T, keyof TextDescription> => {
  const {
    kind: _,
    preferenceType: __,
    reasoning: ___,
    title: ____,
    tags: _____,
    occursOn: ______,
    ...rest
  } = described;
  return rest;
};
