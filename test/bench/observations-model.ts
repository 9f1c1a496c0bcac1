import type { LanguageModel, ProposedChange } from '../../shared/ports/language-model.ts';
import type { Conversation } from './locomo.ts';

/** Turns per request, as of a language model. */
const batch = { turns: 8, characters: 20_000 };

/** Identifies an utterance by what the model is shown of it. */
const keyOf = (saidAt: number, speaker: string | undefined, words: string): string =>
  JSON.stringify([saidAt, speaker, words]);

/**
 * A model that has the facts of a conversation's data set for an answer: each is added by the last turn that states it. Stands for a
 * language model that reads well.
 */
export const observationsModel = ({ utterances, observations }: Conversation): LanguageModel => {
  const facts = new Map<string, string[]>();
  for (const { text, turns } of observations) {
    const utterance = utterances[Math.max(...turns)];
    if (!utterance) continue;
    const key = keyOf(utterance.observedAt, utterance.speaker, utterance.words);
    facts.set(key, [...(facts.get(key) ?? []), text]);
  }
  return {
    name: 'observations',
    quality: 'model',
    batch,
    async decide({ turns }) {
      const changes = turns.flatMap(({ messages, observedAt }, turn) =>
        messages.flatMap(({ name, content }, message) =>
          (facts.get(keyOf(observedAt, name, content)) ?? []).map(
            (text): ProposedChange => ({ turn, type: 'ADD', text, message }),
          ),
        ),
      );
      return { ok: true, changes, usage: { prompt: 0, completion: 0 } };
    },
    async probe() {
      return { ok: true };
    },
  };
};
