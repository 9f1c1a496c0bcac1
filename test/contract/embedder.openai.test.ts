import { createOpenAiEmbedder } from '../../shared/adapters/openai/embedder.ts';
import { startOpenAiServer } from '../support/openai-server.ts';
import { describeEmbedder } from './embedder.contract.ts';

describeEmbedder('a compatible server', async () => {
  const server = await startOpenAiServer();
  const embedder = createOpenAiEmbedder({ baseUrl: server.url, model: 'words' });
  return { embedder, close: server.close };
});

describeEmbedder('OpenAI', async () => {
  const server = await startOpenAiServer({ dimensions: 1536 });
  const embedder = createOpenAiEmbedder({
    apiKey: 'sk-test',
    model: 'text-embedding-3-small',
    fetch: (input, init) =>
      fetch(String(input).replace('https://api.openai.com/v1', server.url), init),
  });
  return { embedder, close: server.close };
});
