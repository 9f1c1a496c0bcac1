import { createLocalExtractor } from '../../shared/adapters/local-extractor/local-extractor.ts';
import { describeLanguageModel } from './language-model.contract.ts';

describeLanguageModel('the local extractor', async () => {
  const languageModel = createLocalExtractor();
  return { languageModel, close: languageModel.close };
});
