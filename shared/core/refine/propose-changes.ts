import { categorizerFor } from '../../domain/categories/assign-categories.ts';
import { RetryableError, toErrorInfo } from '../../domain/errors.ts';
import { entityOfKey } from '../../domain/memory/entities.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import { wholeOrPieces } from '../../domain/memory/text-pieces.ts';
import { type Message, type Turn, verbatimTexts } from '../../domain/memory/turn.ts';
import { type ProjectSettings, withDefaults } from '../../domain/project-settings.ts';
import type { ProposedChange } from '../../ports/language-model.ts';
import type { Platform } from '../../ports/platform.ts';
import type { AttachedText } from '../attachments/read-attachments.ts';
import { countTokens } from '../model-budget.ts';
import { createPace } from '../yield-to-loop.ts';
import { type Lease, LeaseLost } from './lease.ts';
import type { FailedRequest, ModelAnswer } from './model-answer.ts';
import { isLong, proposeFromAttachments, type ShownTurn } from './propose-from-attachments.ts';

/**
 * Turns that want no inference need no model: each text, or each piece of one that is too long for a memory, becomes a memory. A
 * lexicon finds the categories.
 */
const verbatimChanges = async (
  platform: Platform,
  turns: readonly Turn[],
  settings: ProjectSettings | undefined,
): Promise<ProposedChange[]> => {
  const pace = createPace(platform);
  const changes: ProposedChange[] = [];
  for (const [index, turn] of turns.entries()) {
    const categoriesOf = categorizerFor(withDefaults(turn.options, settings).categories ?? []);
    for (const { text, ...rest } of verbatimTexts(turn))
      for (const piece of wholeOrPieces(text)) {
        const categories = categoriesOf(piece);
        changes.push({ turn: index, type: 'ADD', text: piece, ...rest, categories });
        await pace.pause();
      }
  }
  return changes;
};

/** Asks the model about the batch, and about half as many of its oldest turns each time the answer is unusable (bisection). */
const askModel = async (
  platform: Platform,
  lease: Lease,
  turns: readonly ShownTurn[],
  memories: readonly Memory[],
  settings: ProjectSettings | undefined,
): Promise<ModelAnswer | FailedRequest> => {
  const { languageModel, telemetry } = platform;
  const shown = turns.map((turn) => ({ ...turn, options: withDefaults(turn.options, settings) }));
  const owner = turns[0] && entityOfKey(turns[0].scope);
  let asked = [...turns];
  const tokens = { prompt: 0, completion: 0 };
  for (;;) {
    const decision = await languageModel.decide(
      { turns: shown.slice(0, asked.length), memories, ...(owner && { owner }) },
      lease.signal,
    );
    await countTokens(platform, lease.project, decision.usage);
    tokens.prompt += decision.usage.prompt;
    tokens.completion += decision.usage.completion;
    if (decision.ok) {
      const { changes, decided = asked.length } = decision;
      if (decided < asked.length) telemetry.log('info', 'model.cut_off', { decided });
      return { turns: asked.slice(0, decided), changes, tokens };
    }
    if (asked.length === 1 || decision.about === 'service') {
      const { ok: _, usage: __, ...failure } = decision;
      return { failure, asked: asked.length };
    }
    asked = asked.slice(0, Math.ceil(asked.length / 2));
  }
};

/** An exception of the model, as a failure about the turns. */
const failureOf = (error: unknown): FailedRequest['failure'] => {
  const retryAfterMs = error instanceof RetryableError ? error.retryAfterMs : undefined;
  return {
    ...toErrorInfo(error),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    about: 'turn',
  };
};

/** Further input of a decision. */
export interface ProposalInput {
  /** Settings of the project, which apply where a turn has no option of its own. */
  settings?: ProjectSettings;
  /** Texts of the attachments of the turn, which is the only one of its batch then. */
  texts?: readonly AttachedText[];
  /** Messages that were said before the first turn. */
  earlier?: readonly Message[];
}

/**
 * Proposes changes for a batch, by the model or, for turns without inference, verbatim. Writes nothing. An exception of
 * the model counts as a failure about the turns.
 * @throws LeaseLost when the lease's signal aborted the request
 */
export const proposeChanges = async (
  platform: Platform,
  lease: Lease,
  turns: Turn[],
  memories: readonly Memory[],
  { settings, texts = [], earlier = [] }: ProposalInput = {},
): Promise<ModelAnswer | FailedRequest> => {
  if (turns[0]?.options.infer === false)
    return {
      turns,
      changes: await verbatimChanges(platform, turns, settings),
      tokens: { prompt: 0, completion: 0 },
    };
  const { telemetry } = platform;
  const { project } = lease;
  try {
    const ask = (asked: readonly ShownTurn[]) =>
      askModel(platform, lease, asked, memories, settings);
    const shown = turns.map((turn, at): ShownTurn => (at === 0 ? { ...turn, earlier } : turn));
    const [first] = shown;
    const answer =
      first && (texts.length > 0 || isLong(platform, first))
        ? await proposeFromAttachments(platform, first, texts, ask)
        : await ask(shown);
    if ('failure' in answer)
      telemetry.log('warn', 'model.failed', { project, code: answer.failure.code });
    return answer;
  } catch (error) {
    if (lease.signal.aborted) throw new LeaseLost(lease.scope);
    const failure = failureOf(error);
    telemetry.log('warn', 'model.failed', { project, code: failure.code });
    return { failure, asked: turns.length };
  }
};
