import type { Embedder } from '../../../shared/ports/embedder.ts';
import type { LanguageModel } from '../../../shared/ports/language-model.ts';
import { plainLanguageModel } from '../fake-models.ts';
import { createBucket } from './capacity.ts';
import type { VirtualTime } from './virtual-time.ts';

interface ModelLimits {
  minMs: number;
  maxMs: number;
  embedMs: number;
  tokensPerTurn: number;
  tokensPerMinute: number;
  dimensions: number;
}

/** Model server with a latency and tokens a minute. Each turn becomes one memory. */
export const createModelsService = (time: VirtualTime, limits: ModelLimits) => {
  const tokens = createBucket(time.exact, () => limits.tokensPerMinute / 60, 60);
  const total = { requests: 0, tokens: 0, refused: 0 };

  const languageModel: LanguageModel = {
    ...plainLanguageModel,
    name: 'modelled',
    quality: 'model',
    batch: { turns: 16, characters: 24_000 },
    async decide(request, signal) {
      total.requests += 1;
      await time.sleep(limits.minMs + Math.random() * (limits.maxMs - limits.minMs), signal);
      signal.throwIfAborted();
      if (!tokens.hasUnits()) {
        total.refused += 1;
        return {
          ok: false,
          code: 'model_rate_limited',
          message: 'The model takes no more tokens this minute.',
          retryable: true,
          about: 'service',
          usage: { prompt: 0, completion: 0 },
        };
      }
      const used = request.turns.length * limits.tokensPerTurn;
      tokens.use(used);
      total.tokens += used;
      return plainLanguageModel.decide(request, signal);
    },
  };

  const vector = (text: string): Float32Array => {
    const numbers = new Float32Array(limits.dimensions);
    // A few numbers differ: texts have vectors of their own, and no time is spent on the others.
    for (let i = 0; i < Math.min(16, text.length); i++)
      numbers[(text.charCodeAt(i) * 31 + i) % limits.dimensions] = 0.25;
    return numbers;
  };

  const embedder: Embedder = {
    model: `modelled-${limits.dimensions}`,
    async embed(texts) {
      await time.sleep(limits.embedMs);
      return texts.map(vector);
    },
  };
  return { languageModel, embedder, total };
};
