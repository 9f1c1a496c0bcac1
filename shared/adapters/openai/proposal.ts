import type { TextDescription } from '../../domain/memory/description.ts';

const ops = ['ADD', 'UPDATE', 'DELETE', 'NONE'] as const;

/** Kinds of texts as the model names them, with what each is. */
const kinds = {
  fact: { kind: 'fact' },
  preference: { kind: 'preference', preferenceType: 'explicit' },
  implicit_preference: { kind: 'preference', preferenceType: 'implicit' },
  tool: { kind: 'tool' },
} as const satisfies { readonly [name: string]: TextDescription };
type AnswerKind = keyof typeof kinds;

export const answerKinds = Object.keys(kinds);

/** Change as the model wrote it; positions count from 1, as in the prompt. */
export interface Proposal {
  turn: number;
  op: (typeof ops)[number];
  /** `M2`: a listed memory; `C1`: a change of the same answer. */
  target?: string;
  text?: string;
  /** When it happens what the text says; unchecked. Null: the model says that it has no date. */
  date?: string | null;
  kind?: AnswerKind;
  title?: string;
  tags: string[];
  message?: number;
  categories: string[];
  /** Unchecked. */
  data?: unknown;
  reason?: string;
}

/** Proposal, or the problem of an unusable element, without a quotation of the element. */
export type ParsedProposal =
  | { ok: true; value: Proposal }
  | { ok: false; problem: string; turn?: number };

/** Longest text of a change, in characters; memories are shorter. */
const maxText = 8_000;
const maxReason = 500;
const maxName = 64;
const maxCategories = 50;

const isRecord = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Unwraps lists and objects with a single value, such as `["Ana likes tea."]` and `{"fact": "Ana likes tea."}`. */
const onlyValue = (value: unknown, depth = 0): unknown => {
  if (typeof value !== 'object' || value === null || depth > 2) return value;
  const [only, ...others] = Object.values(value);
  return others.length === 0 ? onlyValue(only, depth + 1) : undefined;
};

const nonBlank = (value: unknown, max: number): string | undefined => {
  const only = onlyValue(value);
  const text = typeof only === 'number' ? String(only) : only;
  if (typeof text !== 'string') return undefined;
  return text.slice(0, max).toWellFormed().trim() || undefined;
};

const wholeNumber = (value: unknown): number | undefined => {
  const only = onlyValue(value);
  if (typeof only === 'number') return Number.isInteger(only) ? only : undefined;
  const text = String(only ?? '')
    .slice(0, maxName)
    .trim();
  const [, digits] = /^[a-z]{0,8}\s*#?(\d{1,6})$/i.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits);
};

const targetOf = (value: unknown): string | undefined => {
  const only = onlyValue(value);
  return typeof only === 'number' ? `M${only}` : nonBlank(only, maxName);
};

const namesOf = (value: unknown): string[] =>
  [value]
    .flat()
    .slice(0, maxCategories)
    .flatMap((name) => (typeof name === 'string' ? name.slice(0, 256) : []));

/** Longest JSON text of structured data, in characters. */
const maxData = 8_000;

/** Structured data, which most models write as JSON text and some as an object. */
const dataOf = (value: unknown): unknown => {
  if (typeof value !== 'string') return value ?? undefined;
  if (value.length > maxData) return undefined;
  try {
    return JSON.parse(value.toWellFormed());
  } catch {
    return undefined;
  }
};

const kindOf = (value: unknown): AnswerKind | undefined => {
  const name = nonBlank(value, maxName)?.toLowerCase() ?? '';
  return isKind(name) ? name : undefined;
};

const isKind = (name: string): name is AnswerKind => Object.hasOwn(kinds, name);

/** TextDescription of the text of a proposal. The reason of a preference is what it rests on. */
export const describedBy = ({ op, kind, title, tags, reason, date }: Proposal): TextDescription =>
  op === 'ADD' || op === 'UPDATE'
    ? {
        ...(kind === undefined ? {} : kinds[kind]),
        ...(title === undefined ? {} : { title }),
        ...(tags.length > 0 && { tags }),
        ...(date ? { occursOn: date } : {}),
        ...(reason === undefined ? {} : { reasoning: reason }),
      }
    : {};

/** A date, without the time of the day that some models add. */
const dateOf = (value: unknown): string | null | undefined =>
  value === null ? null : nonBlank(value, maxName)?.split(/[T ]/)[0];

const turnOf = (value: unknown, turns: number): number | undefined => {
  const turn = value ?? (turns === 1 ? 1 : undefined);
  const position = wholeNumber(turn);
  return position !== undefined && position >= 1 && position <= turns ? position : undefined;
};

/** Whether a value looks like a change of an answer. */
export const isChange = (value: unknown): boolean => isRecord(value) && 'op' in value;

/**
 * Parses one element of an answer about `turns` turns. All fields are bounded; unreadable optional fields are left out.
 */
export const parseProposal = (value: unknown, turns: number): ParsedProposal => {
  if (!isRecord(value)) return { ok: false, problem: 'it is no object.' };
  const turn = turnOf(value['turn'], turns);
  if (turn === undefined) return { ok: false, problem: 'there is no such turn.' };
  const name = nonBlank(value['op'], maxName)?.toUpperCase();
  const op = ops.find((one) => one === name);
  if (op === undefined)
    return { ok: false, turn, problem: 'op is none of ADD, UPDATE, DELETE, NONE.' };
  const target = targetOf(value['target']);
  const text = nonBlank(value['text'], maxText);
  const date = dateOf(value['date']);
  const kind = kindOf(value['kind']);
  const title = nonBlank(value['title'], maxText);
  const message = wholeNumber(value['message']);
  const reason = nonBlank(value['reason'], maxReason);
  const data = dataOf(value['data']);
  return {
    ok: true,
    value: {
      turn,
      op,
      tags: namesOf(value['tags']),
      categories: namesOf(value['categories']),
      ...(target !== undefined && { target }),
      ...(text !== undefined && { text }),
      ...(date !== undefined && { date }),
      ...(kind !== undefined && { kind }),
      ...(title !== undefined && { title }),
      ...(message !== undefined && { message }),
      ...(reason !== undefined && { reason }),
      ...(data !== undefined && { data }),
    },
  };
};
