import { RetryableError } from '../../../shared/domain/errors.ts';
import type {
  DecideRequest,
  Decision,
  LanguageModel,
  ModelFailure,
  Probe,
  ProposedChange,
} from '../../../shared/ports/language-model.ts';
import { type Fact, factsIn, factsOfTurn, takenBack, textOf } from './fact-language.ts';
import type { Faults } from './faults.ts';
import type { ModelService } from './model-service.ts';
import type { Random } from './random.ts';
import type { Actor, Scheduler } from './scheduler.ts';

interface Trouble {
  faults: Faults;
  random: Random;
  model: ModelService;
}

interface Known {
  target: NonNullable<ProposedChange['target']>;
  value: string;
}

/** What a careful model answers: one memory a slot, whatever it says there now. */
const changesFor = ({ turns, memories }: DecideRequest): ProposedChange[] => {
  const known = new Map<string, Known>();
  for (const [memory, { text }] of memories.entries())
    for (const { slot, value } of factsIn(text)) known.set(slot, { target: { memory }, value });
  const changes: ProposedChange[] = [];

  const proposalFor = (turn: number, fact: Fact): ProposedChange => {
    const before = known.get(fact.slot);
    const at = before ? { turn, target: before.target } : { turn };
    if (fact.value === takenBack)
      return before ? { ...at, type: 'DELETE' } : { turn, type: 'NONE', reason: 'Unknown.' };
    if (before?.value === fact.value) return { ...at, type: 'NONE', reason: 'Known.' };
    return { ...at, type: before ? 'UPDATE' : 'ADD', text: textOf(fact) };
  };

  for (const [turn, said] of turns.entries())
    for (const fact of factsOfTurn({ messages: [...said.messages] })) {
      const change = changes.push(proposalFor(turn, fact)) - 1;
      if (fact.value === takenBack) known.delete(fact.slot);
      else known.set(fact.slot, { target: { change }, value: fact.value });
    }
  return changes;
};

const outage = (random: Random): ModelFailure => ({
  code: random.pick(['model_unavailable', 'model_rate_limited', 'model_unauthorized']),
  message: 'The model serves nobody.',
  retryable: true,
  ...(random.chance(0.2) ? { retryAfterMs: random.below(30_000) } : {}),
  about: 'service',
});

const choked: ModelFailure = {
  code: 'model_unknown',
  message: 'The model knows no such thing.',
  retryable: true,
  about: 'service',
};

const usage = { prompt: 7, completion: 3 };

/** What goes wrong with a call, if anything does; one way of going wrong is thrown. */
const failureIn = ({ faults, random, model }: Trouble): ModelFailure | undefined => {
  if (model.isOut()) return outage(random);
  if (faults.happens('modelChokes')) return choked;
  if (faults.happens('modelDown'))
    throw new RetryableError('rate_limit', 'Too many requests.', random.below(20_000));
  if (!faults.happens('modelJunk')) return undefined;
  const code = `model_${random.pick(['refusal', 'junk', 'length'])}`;
  return { code, message: 'Nonsense.', retryable: true, about: 'turn' };
};

/** A language model that understands facts; it can be slow, down, or talk nonsense, the more so the more it is asked. */
export const createScriptedModel = (
  trouble: Trouble & { scheduler: Scheduler },
  actor: Actor,
): LanguageModel => ({
  name: 'scripted',
  quality: 'model',
  batch: { turns: 4, characters: 10_000 },
  async decide(request, signal) {
    const { scheduler, faults, random } = trouble;
    if (faults.happens('modelSlow')) await scheduler.sleep(actor, random.below(45_000), signal);
    return scheduler.call(
      actor,
      () =>
        `model decides ${request.turns.length} knowing ${request.memories.map(({ text }) => text).join(' ')}`,
      (): Decision => {
        if (signal.aborted) throw new RetryableError('aborted', 'The call was called off.');
        const failure = failureIn(trouble);
        if (failure) return { ok: false, ...failure, usage };
        return { ok: true, changes: changesFor(request), usage };
      },
    );
  },
  probe: (signal) =>
    trouble.scheduler.call(
      actor,
      () => 'model is probed',
      (): Probe => {
        if (signal.aborted) throw new RetryableError('aborted', 'The call was called off.');
        const { code, message } = outage(trouble.random);
        return trouble.model.isOut() ? { ok: false, code, message } : { ok: true };
      },
    ),
});
