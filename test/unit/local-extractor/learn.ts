import { createLocalExtractor } from '../../../shared/adapters/local-extractor/local-extractor.ts';
import type { Message, TurnOptions } from '../../../shared/domain/memory/turn.ts';
import type { ProposedChange } from '../../../shared/ports/language-model.ts';

/** Friday, 12 May 2023. */
export const friday = Date.parse('2023-05-12T16:04:00Z');
export const extractor = createLocalExtractor();
const never = new AbortController().signal;

export const user = (content: string): Message => ({ role: 'user', content });

/** Changes that the rules propose for turns, one minute apart. */
export const decide = async (
  turns: readonly (readonly Message[])[],
  {
    memories = [],
    at = friday,
    memoriesAt = at - 86_400_000,
    options,
  }: {
    memories?: readonly string[];
    at?: number;
    memoriesAt?: number;
    options?: Partial<TurnOptions>;
  } = {},
): Promise<ProposedChange[]> => {
  const decision = await extractor.decide(
    {
      turns: turns.map((messages, i) => ({
        messages,
        observedAt: at + i * 60_000,
        options: { infer: true, ...options },
      })),
      memories: memories.map((text) => ({ text, observedAt: memoriesAt })),
    },
    never,
  );
  if (!decision.ok) throw new Error(decision.message);
  return decision.changes;
};

/** Renders a change as "ADD text", "UPDATE m0 text", "DELETE m0" or "NONE". */
export const inShort = ({ type, text, target }: ProposedChange): string => {
  const which = target && ('memory' in target ? ` m${target.memory}` : ` c${target.change}`);
  return `${type}${which ?? ''}${text ? ` ${text}` : ''}`;
};

/** Rendered changes of one user message. */
export const learnt = async (
  said: string,
  memories: readonly string[] = [],
  at?: number,
): Promise<string[]> =>
  (await decide([[user(said)]], { memories, ...(at !== undefined && { at }) })).map(inShort);
