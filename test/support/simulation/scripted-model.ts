import { RetryableError } from '../../../shared/domain/errors.ts';
import type {
  DecideRequest,
  Decision,
  LanguageModel,
  ProposedChange,
} from '../../../shared/ports/language-model.ts';
import { type Fact, factsIn, factsOfTurn, takenBack, textOf } from './facts.ts';
import type { Faults } from './faults.ts';
import type { Random } from './random.ts';
import type { Actor, Scheduler } from './scheduler.ts';

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

const usage = { prompt: 7, completion: 3 };

/** A language model that understands facts; it can be slow, down, or talk nonsense, the more so the more it is asked. */
export const createScriptedModel = (
  { scheduler, faults, random }: { scheduler: Scheduler; faults: Faults; random: Random },
  actor: Actor,
): LanguageModel => ({
  name: 'scripted',
  quality: 'model',
  batch: { turns: 4, characters: 10_000 },
  async decide(request, signal) {
    if (faults.happens('modelSlow')) await scheduler.sleep(actor, random.below(45_000), signal);
    return scheduler.call(
      actor,
      () =>
        `model decides ${request.turns.length} knowing ${request.memories.map(({ text }) => text).join(' ')}`,
      (): Decision => {
        if (signal.aborted) throw new RetryableError('aborted', 'The call was called off.');
        if (faults.happens('modelDown'))
          throw new RetryableError('rate_limit', 'Too many requests.', random.below(20_000));
        if (faults.happens('modelJunk'))
          return {
            ok: false,
            code: `model_${random.pick(['refusal', 'junk', 'length'])}`,
            message: 'Nonsense.',
            retryable: true,
            about: 'turn',
            usage,
          };
        return { ok: true, changes: changesFor(request), usage };
      },
    );
  },
  probe: async () => ({ ok: true }),
});
