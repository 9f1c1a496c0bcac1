import {
  createOpenAiLanguageModel,
  type OpenAiModelSettings,
} from '../adapters/openai/language-model.ts';
import type { LanguageModel } from '../ports/language-model.ts';
import type { Config } from './config/config.ts';

/** Builds the chat model that the settings name. A file of its own keeps the model's SDK out of other bundles. */
export const createChatModel = (
  config: Config,
  apiKey: OpenAiModelSettings['apiKey'],
  fetch?: OpenAiModelSettings['fetch'],
): LanguageModel =>
  createOpenAiLanguageModel({
    apiKey,
    baseUrl: config.openaiBaseUrl,
    model: config.model,
    fetch,
    timeoutMs: config.modelTimeoutMs,
    maxTokens: config.modelMaxTokens,
    effort: config.modelEffort === 'default' ? undefined : config.modelEffort,
  });
