import { pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import { root } from '../repository.ts';
import { type Check, newId } from './check.ts';
import type { ModelStub } from './model-stub.ts';

/** The service and the model that an integration is set up with. */
export interface Framework {
  url: string;
  apiKey: string;
  /** The model that answers the provider of the AI SDK. */
  model: ModelStub;
}

// biome-ignore lint/suspicious/noExplicitAny: published JavaScript is examined, not typed
const load = (path: string): Promise<any> =>
  import(pathToFileURL(`${root}/test/peers/node_modules/${path}`).href);

const provider = '@mem0/vercel-ai-provider';

/** Opens the provider with the model stub, for one user. */
const openProvider = async ({ url, apiKey, model }: Framework, user_id: string) => {
  const module = await load(`${provider}/dist/index.mjs`);
  const sdk = await load(`${provider}/node_modules/ai/dist/index.mjs`);
  const config = { host: url, mem0ApiKey: apiKey, user_id };
  const mem0 = module.createMem0({
    provider: 'openai',
    mem0ApiKey: apiKey,
    apiKey: 'sk-test',
    mem0Config: config,
    config: { baseURL: model.url },
  });
  return { module, sdk, mem0, config };
};

const user = (text: string) => ({ role: 'user', content: [{ type: 'text', text }] });

/** Provider of the AI SDK. */
export const providerChecks: readonly Check<Framework>[] = [
  {
    method: 'generateText',
    route: 'POST /v3/memories/add',
    async run(at) {
      const { sdk, mem0, config } = await openProvider(at, newId('ana'));

      await sdk.generateText({ model: mem0.chat('gpt-4o-mini'), prompt: 'I live in Lisbon.' });
      const { text, sources } = await sdk.generateText({
        model: mem0.chat('gpt-4o-mini', { user_id: config.user_id }),
        system: 'Be brief.',
        prompt: 'In which city do I live, Lisbon?',
      });

      expect(text).toBe('Noted.');
      expect(at.model.prompts.at(-1)).toContain('Lisbon.');
      expect(at.model.prompts.at(-1)).toContain('These are the memories I have stored.');
      expect(sources).toMatchObject([{ title: 'Mem0 Memories' }]);
    },
  },
  {
    method: 'streamText',
    route: 'POST /v3/memories/search',
    async run(at) {
      const { sdk, mem0, module, config } = await openProvider(at, newId('ben'));
      await module.addMemories([user('I play the oboe.')], { ...config, infer: false });

      const { textStream } = sdk.streamText({
        model: mem0.chat('gpt-4o-mini'),
        messages: [{ role: 'user', content: 'Do I play the oboe?' }],
      });
      const parts: string[] = [];
      for await (const part of textStream) parts.push(part);

      expect(parts.join('')).toBe('Noted.');
      expect(at.model.prompts.at(-1)).toContain('Memory: I play the oboe.');
    },
  },
  {
    method: 'addMemories',
    route: 'POST /v3/memories/add',
    async run(at) {
      const { module, config } = await openProvider(at, newId('cleo'));
      const image = { type: 'file', mediaType: 'image/png', data: 'https://example.com/a.png' };
      const messages = [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'text', text: 'I paint.' }, image] },
      ];

      const added = await module.addMemories(messages, { ...config, metadata: { rank: 1 } });

      expect(added).toMatchObject({ status: 'PENDING', event_id: expect.any(String) });
    },
  },
  {
    method: 'getMemories, searchMemories, retrieveMemories',
    route: 'POST /v3/memories/search',
    async run(at) {
      const { module, config } = await openProvider(at, newId('dan'));
      await module.addMemories([user('I row.')], { ...config, infer: false });
      const options = { ...config, top_k: 3, threshold: 0.05, rerank: true };

      const list = await module.getMemories('Do I row?', options);
      const answer = await module.searchMemories([user('Do I row?')], options);
      const prompt = await module.retrieveMemories('Do I row?', options);

      expect(list).toMatchObject([{ memory: 'I row.', user_id: config.user_id }]);
      // Scores may differ: the first search may be answered before the memory has a vector.
      const [{ id }] = list;
      expect(answer.results).toMatchObject([{ id, memory: 'I row.' }]);
      expect(prompt).toContain('Memory: I row.');
    },
  },
];

/** Integration of Mastra. The 2.x client below it expects bare arrays. */
export const mastraChecks: readonly Check<Framework>[] = [
  {
    method: 'createMemory, searchMemory',
    route: 'POST /v1/memories',
    async run({ url, apiKey }) {
      const { Mem0Integration } = await load('@mastra/mem0/dist/index.js');
      const config = { apiKey, host: url, userId: newId('eve'), infer: false };
      const mem0 = new Mem0Integration({ config });

      const created = await mem0.createMemory('I like jazz.\nI live in Rome.');
      const found = await mem0.searchMemory('Which music? Jazz?');
      const none = await mem0.searchMemory('Which music? Jazz?', { user_id: newId('nobody') });

      expect(created).toMatch(/These are the memories .*\n\nI like jazz.\nI live in Rome.$/s);
      expect(found).toContain('I like jazz.');
      expect(none).toBe('');
    },
  },
];

/** Memory of LangChain. */
export const communityChecks: readonly Check<Framework>[] = [
  {
    method: 'saveContext, loadMemoryVariables',
    route: 'POST /v1/memories/search',
    async run({ url, apiKey }) {
      const { Mem0Memory } = await load('@mem0/community/dist/index.mjs');
      const memory = new Mem0Memory({
        apiKey,
        sessionId: newId('fay'),
        mem0Options: { apiKey, host: url },
        memoryOptions: { infer: false },
        separateMessages: true,
      });

      await memory.saveContext({ input: 'I grow figs.' }, { output: 'Nice.' });
      const found = await memory.loadMemoryVariables({ input: 'Do I grow figs?' });
      const all = await memory.loadMemoryVariables({});

      expect(found.history).toContain('I grow figs.');
      expect(all.history).toContain('I grow figs.');
      expect(all.history).toContain('Nice.');
    },
  },
];
