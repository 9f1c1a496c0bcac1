import {
  createOpenAiLanguageModel,
  type OpenAiModelSettings,
} from '../adapters/openai/language-model.ts';
import type { LanguageModel } from '../ports/language-model.ts';
import type { Config } from './config/config.ts';

/** The chat model of the settings. */
export const createChatModel = (
  config: Config,
  apiKey: OpenAiModelSettings['apiKey'],
): LanguageModel =>
  createOpenAiLanguageModel({
    apiKey,
    baseUrl: config.openaiBaseUrl,
    model: config.model,
    timeoutMs: config.modelTimeoutMs,
    maxTokens: config.modelMaxTokens,
    effort: config.modelEffort === 'default' ? undefined : config.modelEffort,
  });
