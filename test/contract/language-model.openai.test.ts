import { createOpenAiLanguageModel } from '../../shared/adapters/openai/language-model.ts';
import { withoutFormats } from '../support/openai-faults.ts';
import { type OpenAiServerOptions, startOpenAiServer } from '../support/openai-server.ts';
import { describeLanguageModel } from './language-model.contract.ts';

const against = (options: OpenAiServerOptions) => async () => {
  const server = await startOpenAiServer(options);
  const languageModel = createOpenAiLanguageModel({ baseUrl: server.url, model: 'facts' });
  return { languageModel, close: server.close };
};

describeLanguageModel('the OpenAI adapter', against({}));

describeLanguageModel(
  'the OpenAI adapter without response formats',
  against({ chat: withoutFormats('json_schema', 'json_object') }),
);
