import type { ModelRequests } from '../../../shared/core/model-requests.ts';
import { safeMessages } from '../../../shared/core/refine/safe-input.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import type { Message } from '../../../shared/domain/memory/turn.ts';
import { dot } from '../../../shared/domain/memory/vector.ts';
import type { Decision, ProposedChange } from '../../../shared/ports/language-model.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { HttpError } from '../http/http-error.ts';

interface Deps {
  platform: Platform;
  models: ModelRequests;
}

const changesOf = (decision: Decision): ProposedChange[] => {
  if (decision.ok) return decision.changes;
  const { code, message, about, retryAfterMs } = decision;
  if (about === 'service') throw new RetryableError(code, message, retryAfterMs);
  throw new HttpError(422, 'not_extracted', message);
};

const memoryOf = ({ text = '', title = '', tags = [] }: ProposedChange) => ({
  memory_key: title,
  memory_value: text,
  memory_type: 'UserMemory',
  tags,
});

const preferenceOf = ({ text = '', reasoning = '', preferenceType }: ProposedChange) => ({
  preference: text,
  reasoning,
  preference_type: `${preferenceType ?? 'explicit'}_preference`,
});

/** Draws memories and preferences from messages, as far as `types` has them. Stores nothing. */
export const extractMemories = async (
  { platform, models }: Deps,
  project: string,
  aborted: AbortSignal,
  said: { messages: Message[]; observedAt: number; types: ReadonlySet<string> },
) => {
  const { observedAt, types } = said;
  const messages = await safeMessages(platform, project, said.messages);
  const turn = { messages, observedAt, options: { infer: true, described: true as const } };
  const decision = await models.askModel(project, aborted, (signal) =>
    platform.languageModel.decide({ turns: [turn], memories: [] }, signal),
  );
  const added = changesOf(decision).filter(({ type }) => type === 'ADD');
  const isPreference = ({ kind }: ProposedChange): boolean => kind === 'preference';
  return {
    memory_detail_list: types.has('memory')
      ? added.filter((change) => !isPreference(change)).map(memoryOf)
      : [],
    preference_detail_list: types.has('preference')
      ? added.filter(isPreference).map(preferenceOf)
      : [],
  };
};

/** Orders documents by their likeness to a query, by the embedder. */
export const rerank = async (
  { platform, models }: Deps,
  project: string,
  aborted: AbortSignal,
  { query, documents, limit }: { query: string; documents: readonly string[]; limit: number },
) => {
  const [asked = new Float32Array(), ...vectors] = await models.askEmbedder(
    project,
    aborted,
    (signal) => platform.embedder.embed([query, ...documents], { project, signal }),
  );
  return vectors
    .map((vector, index) => ({
      index,
      document: { text: documents[index] ?? '' },
      relevance_score: Math.max(0, Math.min(1, dot(asked, vector))),
    }))
    .toSorted((a, b) => b.relevance_score - a.relevance_score)
    .slice(0, limit);
};
