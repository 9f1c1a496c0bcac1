import type { Message, TurnOptions } from '../../domain/memory/turn.ts';
import {
  addRedactions,
  type RedactionCounts,
  type RedactionRules,
  RefusedValueError,
} from '../../domain/sensitive/sensitive.ts';
import type { Platform } from '../../ports/platform.ts';
import { cachedProjectSettings } from '../processing/processing-settings.ts';
import { createPace } from '../yield-to-loop.ts';

type Deps = Pick<Platform, 'store' | 'clock' | 'ids' | 'caches'>;

/** Rules that mask what the project refuses, for texts that are already accepted. */
const maskingRefused = (rules: RedactionRules): RedactionRules =>
  Object.fromEntries(
    Object.entries(rules).map(([kind, mode]) => [kind, mode === 'refuse' ? 'mask' : mode]),
  );

/** Redacts texts one by one, and counts what was masked or dropped. */
interface Redactor {
  /**
   * Returns the redacted text.
   * @param field names the text in the error, such as `messages[0].content`
   * @throws RefusedValueError if the project refuses a value in the text
   */
  redact(text: string, field: string): Promise<string>;
  /** Redacts nothing but passwords that other texts have. */
  redactRepeated: Redactor['redact'];
  /** Whether a text had a password, which texts before that may have as well. */
  hasPasswords(): boolean;
  /** Counts so far; undefined when there are none. */
  counts(): RedactionCounts | undefined;
}

/**
 * Returns a redactor by the rules of a project, as of at most 5 seconds ago; undefined when the project has none. Gives other work a
 * chance to run between texts.
 * @param masksRefused whether refused values are masked instead
 */
const redactorFor = async (
  platform: Deps,
  project: string,
  masksRefused = false,
): Promise<Redactor | undefined> => {
  const { redaction } = await cachedProjectSettings(platform, project);
  if (!redaction || Object.keys(redaction).length === 0) return undefined;
  // Loaded by projects with rules alone: a cold start does without.
  const { redactRepeated, redactText } = await import('../../domain/sensitive/redact-text.ts');
  const rules = masksRefused ? maskingRefused(redaction) : redaction;
  const pace = createPace(platform);
  const repeated = new Set<string>();
  let counts: RedactionCounts | undefined;
  const redactBy = (redact: typeof redactRepeated) => async (text: string, field: string) => {
    await pace.pause();
    const redacted = redact(text, rules, repeated);
    if (redacted.refused) throw new RefusedValueError(redacted.refused, field);
    counts = addRedactions(counts, redacted.counts);
    return redacted.text;
  };
  return {
    redact: redactBy(redactText),
    redactRepeated: redactBy(redactRepeated),
    hasPasswords: () => repeated.size > 0,
    counts: () => counts,
  };
};

/** An add of which the texts are redacted. */
interface TurnTexts<M> {
  messages: M[];
  options: TurnOptions;
  textField?: string;
  masksRefused?: true;
}

/** The redacted texts of an add. */
interface RedactedTurn<M> {
  messages: M[];
  options: TurnOptions;
  /** To be kept with the turn. */
  redacted?: { redacted: RedactionCounts };
}

/**
 * Redacts the texts of an add, its messages and the memory texts that it gives, by the rules of the project. Names, ids, metadata and
 * files stay as sent.
 * @throws RefusedValueError if the project refuses a value in a text
 */
export const redactTurn = async <M extends Pick<Message, 'content'>>(
  platform: Deps,
  project: string,
  { messages, options, textField, masksRefused }: TurnTexts<M>,
): Promise<RedactedTurn<M>> => {
  const redactor = await redactorFor(platform, project, masksRefused);
  if (!redactor) return { messages, options };
  const each = async (given: readonly M[], redact: Redactor['redact']): Promise<M[]> => {
    const safe: M[] = [];
    for (const [at, message] of given.entries()) {
      const field = textField ?? `messages[${at}].content`;
      safe.push({ ...message, content: await redact(message.content, field) });
    }
    return safe;
  };
  const once = await each(messages, redactor.redact);
  const safe = redactor.hasPasswords() ? await each(once, redactor.redactRepeated) : once;
  const verbatim: string[] = [];
  for (const [at, text] of (options.verbatim ?? []).entries())
    verbatim.push(await redactor.redact(text, `deduced_memories[${at}]`));
  const redacted = redactor.counts();
  return {
    messages: safe,
    options: options.verbatim ? { ...options, verbatim } : options,
    ...(redacted && { redacted: { redacted } }),
  };
};

/**
 * Redacts the texts of an edit, by the rules of the project.
 * @param fields names of the texts in the request, for errors
 * @throws RefusedValueError if the project refuses a value in a text
 */
export const redactEdit = async <
  E extends { text?: string; title?: string; redacted?: RedactionCounts },
>(
  platform: Deps,
  project: string,
  edit: E,
  fields: { text: string; title?: string },
): Promise<E> => {
  const redactor = await redactorFor(platform, project);
  if (!redactor) return edit;
  const { text, title } = edit;
  const safe = {
    ...edit,
    ...(text !== undefined && { text: await redactor.redact(text, fields.text) }),
    ...(title !== undefined && { title: await redactor.redact(title, fields.title ?? 'title') }),
  };
  const redacted = redactor.counts();
  return redacted ? { ...safe, redacted } : safe;
};

/** Redacts the text of a file, by the rules of the project. A refused value gives the reason why the file is not read. */
export const redactFile = async (
  platform: Deps,
  project: string,
  text: string,
): Promise<{ text: string; redacted?: RedactionCounts } | { reason: string }> => {
  const redactor = await redactorFor(platform, project);
  if (!redactor) return { text };
  try {
    const safe = await redactor.redact(text, 'The file');
    const redacted = redactor.counts();
    return { text: safe, ...(redacted && { redacted }) };
  } catch (error) {
    if (!(error instanceof RefusedValueError)) throw error;
    return { reason: error.message };
  }
};
