import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalExtractor } from '../../../shared/adapters/local-extractor/local-extractor.ts';
import { openService, type TestService } from '../../support/in-memory-service.ts';
import { type MemosClient, memosClient } from '../../support/memos-client.ts';

const languageModel = createLocalExtractor();
let service: TestService;
let memos: MemosClient;
let base: string;
beforeAll(async () => {
  service = await openService({ languageModel });
  memos = memosClient(service.client);
  base = (await memos.data('create/knowledgebase', { knowledgebase_name: 'Hotel' })).id;
});
afterAll(async () => {
  await service.close();
  await languageModel.close();
});

const rules = (n: number): string =>
  `Room ${n}: key at the desk, sauna in the cellar of house ${n}.`;

const learn = async (name: string, text: string): Promise<void> => {
  const file = [{ name, content: Buffer.from(text).toString('base64') }];
  const [{ task_id }] = await memos.data('add/knowledgebase-file', {
    knowledgebase_id: base,
    file,
  });
  await service.client(`GET /v1/events/${task_id}?wait=20`);
};

const found = async (query: string): Promise<string[]> => {
  const { memory_detail_list: list } = await memos.search(query, {
    knowledgebase_ids: [base],
    relativity: 0,
  });
  return list.map(({ memory_value: text }: { memory_value: string }) => text);
};

describe('files of a knowledge base without a language model', () => {
  it('each piece of a text without statements is found word for word, with the name of its file', async () => {
    await learn('rooms.md', Array.from({ length: 60 }, (_, n) => rules(n)).join('\n'));

    for (const n of [0, 31, 59]) {
      const [first] = await found(`Where is the sauna of house ${n}?`);

      expect(first).toContain(rules(n));
      expect(first).toMatch(/^\[file rooms\.md, part \d of \d\]/);
    }
  });

  it('of two files with like texts the one that matches comes first', async () => {
    await learn('pool.txt', 'Pool rules: towels at the gate, no glass.');
    await learn('gym.txt', 'Gym rules: shoes only, towels at the bar.');

    const [first] = await found('towels at the gate of the pool');

    expect(first).toBe('[file pool.txt]\nPool rules: towels at the gate, no glass.');
  });
});

describe('a form with files', () => {
  it.each([
    ['the query string', ''],
    ['itself before the query string', 'own'],
  ])('goes to the knowledge base that it names in %s', async (_, own) => {
    const { id } = await memos.data('create/knowledgebase', { knowledgebase_name: 'Forms' });
    const form = new FormData();
    form.set('knowledgebase_id', own === '' ? '' : id);
    form.append('file', new File(['Pool: open until nine.'], 'pool.txt', { type: 'text/plain' }));
    const inQuery = own === '' ? id : base;

    const answer = await service.app.request(
      `/api/openmem/v1/add/knowledgebase-file?knowledgebase_id=${inQuery}`,
      { method: 'POST', body: form, headers: { authorization: `Token ${await service.keyOf()}` } },
    );
    const files = await memos.data('get/knowledgebase-file', { knowledgebase_id: id });

    expect(answer.status).toBe(200);
    expect(JSON.stringify(files)).toContain('pool.txt');
  });
});
