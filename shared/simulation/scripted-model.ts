import { RetryableError } from '../domain/errors.ts';
import type {
  DecideRequest,
  Decision,
  LanguageModel,
  ModelFailure,
  Probe,
  ProposedChange,
} from '../ports/language-model.ts';
import { type Fact, factsIn, factsOfTurn, retracted, textOf } from './fact-language.ts';
import type { Faults } from './faults.ts';
import type { ModelService } from './model-service.ts';
import type { Random } from './random.ts';
import type { Actor, Scheduler } from './scheduler.ts';

interface ModelParts {
  faults: Faults;
  random: Random;
  model: ModelService;
}

interface Known {
  target: NonNullable<ProposedChange['target']>;
  value: string;
}

/** Changes of a correct model: one memory per topic, with the latest value. */
const changesFor = ({ turns, memories }: DecideRequest): ProposedChange[] => {
  const known = new Map<string, Known>();
  for (const [memory, { text }] of memories.entries())
    for (const { topic, value } of factsIn(text)) known.set(topic, { target: { memory }, value });
  const changes: ProposedChange[] = [];

  const proposalFor = (turn: number, fact: Fact): ProposedChange => {
    const before = known.get(fact.topic);
    const at = before ? { turn, target: before.target } : { turn };
    if (fact.value === retracted)
      return before ? { ...at, type: 'DELETE' } : { turn, type: 'NONE', reason: 'Unknown.' };
    if (before?.value === fact.value) return { ...at, type: 'NONE', reason: 'Known.' };
    const categories = [fact.topic, fact.value];
    return { ...at, type: before ? 'UPDATE' : 'ADD', text: textOf(fact), categories };
  };

  for (const [turn, context] of turns.entries())
    for (const fact of factsOfTurn({ messages: [...context.messages] })) {
      const change = changes.push(proposalFor(turn, fact)) - 1;
      if (fact.value === retracted) known.delete(fact.topic);
      else known.set(fact.topic, { target: { change }, value: fact.value });
    }
  return changes;
};

const outage = (random: Random): ModelFailure => ({
  code: random.pick(['model_unavailable', 'model_rate_limited', 'model_unauthorized']),
  message: 'The model is unavailable.',
  retryable: true,
  ...(random.chance(0.2) ? { retryAfterMs: random.below(30_000) } : {}),
  about: 'service',
});

const unknownModel: ModelFailure = {
  code: 'model_unknown',
  message: 'The model does not exist.',
  retryable: true,
  about: 'service',
};

const usage = { prompt: 7, completion: 3 };

/**
 * Failure of a call, if a fault occurs.
 *
 * @throws RetryableError for a rate limit
 */
const injectFailure = ({ faults, random, model }: ModelParts): ModelFailure | undefined => {
  if (model.isOut()) return outage(random);
  if (faults.happens('modelServiceError')) return unknownModel;
  if (faults.happens('modelRateLimited'))
    throw new RetryableError('rate_limit', 'Too many requests.', random.below(20_000));
  if (!faults.happens('modelInvalidOutput')) return undefined;
  const code = `model_${random.pick(['refusal', 'junk', 'length'])}`;
  return { code, message: 'Nonsense.', retryable: true, about: 'turn' };
};

/** Language model that understands the fact language. Fault injection: slow, unavailable, and invalid responses. */
export const createScriptedModel = (
  parts: ModelParts & { scheduler: Scheduler },
  actor: Actor,
): LanguageModel => ({
  name: 'scripted',
  quality: 'model',
  batch: { turns: 4, characters: 10_000 },
  async decide(request, signal) {
    const { scheduler, faults, random } = parts;
    if (faults.happens('modelSlow')) await scheduler.sleep(actor, random.below(45_000), signal);
    return scheduler.call(
      actor,
      () =>
        `model decides ${request.turns.length} knowing ${request.memories.map(({ text }) => text).join(' ')}`,
      (): Decision => {
        if (signal.aborted) throw new RetryableError('aborted', 'The call was aborted.');
        const failure = injectFailure(parts);
        if (failure) return { ok: false, ...failure, usage };
        return { ok: true, changes: changesFor(request), usage };
      },
    );
  },
  probe: (signal) =>
    parts.scheduler.call(
      actor,
      () => 'model is probed',
      (): Probe => {
        if (signal.aborted) throw new RetryableError('aborted', 'The call was aborted.');
        const { code, message } = outage(parts.random);
        return parts.model.isOut() ? { ok: false, code, message } : { ok: true };
      },
    ),
});
