import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalExtractor } from '../../../shared/adapters/local-extractor/local-extractor.ts';
import { createOpenAiLanguageModel } from '../../../shared/adapters/openai/language-model.ts';
import type { LanguageModel } from '../../../shared/ports/language-model.ts';
import { answerGuangzhou } from '../../support/guangzhou-answer.ts';
import { openService } from '../../support/in-memory-service.ts';
import { guangzhou, memosClient } from '../../support/memos-client.ts';
import { type OpenAiServer, startOpenAiServer } from '../../support/openai-server.ts';

const extractor = createLocalExtractor();
let server: OpenAiServer;
beforeAll(async () => {
  server = await startOpenAiServer({ chat: answerGuangzhou });
});
afterAll(async () => {
  await server.close();
  await extractor.close();
});

/** Results of a search for the example once its task has ended. */
const foundWith = async (languageModel: LanguageModel) => {
  const service = await openService({ languageModel });
  const memos = memosClient(service.client);
  const body = { user_id: 'ana', conversation_id: '0610', messages: guangzhou };
  const task = await memos.learnt(body);
  const found = await memos.search('Which hotel in Guangzhou may the user prefer?', {
    relativity: 0,
  });
  await service.close();
  return { task, found };
};

describe('the example of the documentation', () => {
  it('the embedded rules remember the trip and the choice, and say why', async () => {
    const { task, found } = await foundWith(extractor);

    expect(task).toMatchObject({ status: 'completed', memory_views: { deleted: 0 } });
    const values = found.memory_detail_list.map(
      (item: { memory_value: string }) => item.memory_value,
    );
    expect(values.join('\n')).toContain('travel to Guangzhou');
    expect(found.preference_detail_list).toMatchObject([
      {
        preference: 'User may prefer 7 Days Inn to Ji Hotel, Hilton.',
        preference_type: 'implicit_preference',
        reasoning: expect.stringContaining('among 7 Days Inn, Ji Hotel, Hilton'),
      },
    ]);
  });

  it('a model of the chat API remembers them with titles and topics', async () => {
    const model = createOpenAiLanguageModel({ baseUrl: server.url, model: 'm', apiKey: 'key' });

    const { found } = await foundWith(model);

    expect(found.memory_detail_list).toMatchObject([
      { memory_key: 'Summer trip to Guangzhou', tags: ['travel'], memory_type: 'UserMemory' },
    ]);
    expect(found.preference_detail_list).toMatchObject([
      {
        preference: 'User may prefer economical hotels.',
        preference_type: 'implicit_preference',
        reasoning: 'User chose 7 Days Inn among three hotels. A budget was not mentioned.',
      },
    ]);
  });

  it('the embedded rules read relative dates at the time of each message', async () => {
    const service = await openService({ languageModel: extractor });
    const memos = memosClient(service.client);
    const said = (content: string, chat_time: string) => ({ role: 'user', content, chat_time });
    const messages = [
      said('I flew to Oslo yesterday.', '2025-12-09T08:00Z'),
      said('I sold my car yesterday.', '2025-12-12T08:00Z'),
    ];
    await memos.learnt({ user_id: 'ana', messages });

    const { memory_detail_list } = await memos.data('get/memory', { user_id: 'ana' });
    await service.close();

    const values = memory_detail_list.map((item: { memory_value: string }) => item.memory_value);
    expect(values.toSorted()).toEqual([
      'User flew to Oslo on 8 December 2025.',
      'User sold their car on 11 December 2025.',
    ]);
  });

  it('the prompt has the time of each message', () => {
    const [request] = server.chats();

    expect(JSON.stringify(request?.messages)).toContain('09:44 AM on 10 December, 2025 UTC');
  });
});
