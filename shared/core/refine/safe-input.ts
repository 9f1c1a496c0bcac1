import type { Message, Turn } from '../../domain/memory/turn.ts';
import { withoutSecrets } from '../../domain/sensitive/asked-secrets.ts';
import { addRedactions, type RedactionCounts } from '../../domain/sensitive/sensitive.ts';
import { type Suspicion, suspicions, suspicionsOf } from '../../domain/sensitive/suspicious.ts';
import type { Platform } from '../../ports/platform.ts';
import type { AttachedText } from '../attachments/read-attachments.ts';
import { redactTurn } from '../projects/redaction.ts';
import { createPace } from '../yield-to-loop.ts';

/** Characters of a turn and its files after which no further text is examined for suspicions. */
const maxExaminedChars = 300_000;

/** Remarks of an event on the texts of its turn. */
export interface TextRemarks {
  /** Secrets that were replaced, by kind. */
  redacted?: RedactionCounts;
  /** Signs that the texts try to poison memories. */
  suspicious?: Suspicion[];
}

/**
 * Returns the turn without the secrets that its messages do not ask to remember, at the revision that it gets once it is applied; the
 * same turn if it has none, or wants its texts word for word (`infer: false`). Gives other work a chance to run in between.
 */
export const safeTurn = async (
  platform: Platform,
  turn: Turn,
): Promise<{ turn: Turn; redacted?: RedactionCounts }> => {
  if (!turn.options.infer) return { turn };
  const { pause } = createPace(platform);
  const { messages, redacted } = await withoutSecrets(turn.messages, pause);
  if (!redacted) return { turn };
  return { turn: { ...turn, messages, revision: (turn.revision ?? 0) + 1 }, redacted };
};

/**
 * Returns messages that a model is shown and that are not kept: by the rules of the project, and without their secrets.
 * @throws RefusedValueError if the project refuses a value in a message
 */
export const safeMessages = async <M extends Pick<Message, 'role' | 'content'>>(
  platform: Platform,
  project: string,
  given: readonly M[],
): Promise<M[]> => {
  const options = { infer: true };
  const redacted = await redactTurn(platform, project, { messages: [...given], options });
  return (await withoutSecrets(redacted.messages, createPace(platform).pause)).messages;
};

/** Turns and texts of files as the model is shown them, with the remarks on each turn. */
export interface SafeInput {
  turns: Turn[];
  texts: AttachedText[];
  remarks: TextRemarks[];
}

const suspicionsIn = async (
  platform: Platform,
  texts: readonly string[],
): Promise<Pick<TextRemarks, 'suspicious'>> => {
  const pace = createPace(platform);
  const found = new Set<Suspicion>();
  let chars = 0;
  for (const text of texts) {
    await pace.pause();
    if (chars > maxExaminedChars) break;
    chars += text.length;
    for (const sign of suspicionsOf(text)) found.add(sign);
  }
  return found.size > 0 ? { suspicious: suspicions.filter((sign) => found.has(sign)) } : {};
};

/**
 * Removes the secrets from what a batch shows to the model, and examines its texts.
 * @param texts of the attachments of the only turn of the batch. No document asks to remember its secrets
 */
export const safeInput = async (
  platform: Platform,
  turns: readonly Turn[],
  texts: readonly AttachedText[],
): Promise<SafeInput> => {
  const pace = createPace(platform);
  const input: SafeInput = { turns: [], texts: [], remarks: [] };
  let ofTexts: RedactionCounts | undefined;
  for (const attached of texts) {
    const said = [{ role: 'tool' as const, content: attached.text }];
    const { messages, redacted } = await withoutSecrets(said, pace.pause);
    input.texts.push({ ...attached, text: messages[0]?.content ?? '' });
    ofTexts = addRedactions(ofTexts, redacted);
  }
  for (const turn of turns) {
    const { turn: safe, redacted } = await safeTurn(platform, turn);
    const all = addRedactions(redacted, ofTexts);
    const said = [...turn.messages.map(({ content }) => content), ...texts.map(({ text }) => text)];
    input.turns.push(safe);
    input.remarks.push({ ...(all && { redacted: all }), ...(await suspicionsIn(platform, said)) });
  }
  return input;
};
