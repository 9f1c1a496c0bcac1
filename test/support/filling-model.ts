import type { Shaped } from '../../shared/domain/derived/shaped-value.ts';
import type { FillRequest, LanguageModel } from '../../shared/ports/language-model.ts';
import { plainLanguageModel } from './fake-models.ts';

export interface FillingModel extends LanguageModel {
  /** All requests to fill an object. */
  asked: FillRequest[];
  /** Scripts the next answers; without a script an answer is unusable. */
  fills(...values: object[]): void;
}

const usage = { prompt: 2, completion: 1 };

/** Language model that fills objects as scripted, after `before`, in batches of 1,000 characters. */
export const createFillingModel = (
  before: (request: FillRequest) => Promise<void> = async () => {},
): FillingModel => {
  const asked: FillRequest[] = [];
  const script: object[] = [];
  return {
    ...plainLanguageModel,
    quality: 'model',
    batch: { turns: 16, characters: 1_000 },
    asked,
    fills: (...values) => void script.push(...values),
    async fill(request) {
      asked.push(request);
      await before(request);
      const value = script.shift();
      if (value) return { ok: true, value: value as Shaped, usage };
      return {
        ok: false,
        code: 'model_invalid_answer',
        message: 'The language model gave no usable answer.',
        retryable: true,
        about: 'turn',
        usage,
      };
    },
  };
};
