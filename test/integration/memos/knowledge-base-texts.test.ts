import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalExtractor } from '../../../shared/adapters/local-extractor/local-extractor.ts';
import { type Answer, openService, type TestService } from '../../support/in-memory-service.ts';
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

const learn = async (name: string, text: string, into = base): Promise<Answer['body']> => {
  const file = [{ name, content: Buffer.from(text).toString('base64') }];
  const [added] = await memos.data('add/knowledgebase-file', { knowledgebase_id: into, file });
  await service.client(`GET /v1/events/${added.task_id}?wait=20`);
  return added;
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

  it('a file that was read in part says so, and so does its task', async () => {
    const line = (n: number): string => `${rules(n)} `.repeat(18);
    const content = Array.from({ length: 110 }, (_, n) => line(n)).join('\n');
    const own = await memos.data('create/knowledgebase', { knowledgebase_name: 'Long' });
    const { id, task_id } = await learn('long.md', content, own.id);

    const task = await memos.task(task_id);
    const { file_detail_list } = await memos.data('get/knowledgebase-file', { file_ids: [id] });

    const reason = expect.stringMatching(/^Only the first 96,000 .* \d+ pieces .* were left out/);
    expect(task).toMatchObject({
      status: 'completed',
      reason,
      attachments: [{ part: 0, status: 'read', reason }],
    });
    expect(file_detail_list).toMatchObject([{ id, status: 'completed', reason }]);
  });

  it.each([
    ['Manual de usuario.txt', 'mirror'],
    ['My resume.pdf', 'piano'],
    ['résumé.pdf', 'curtain'],
    ['会议记录.docx', 'bookshelf'],
    ['What I like.txt', 'radiator'],
    ['w.txt', 'doormat'],
  ])('the name of a file states nothing, and its text is kept: %s', async (name, place) => {
    const text = `The code of the locker is behind the ${place}.`;

    await learn(`${name}.txt`, text);

    const list = await found(text);
    expect(list).toContain(`[file ${name}.txt]\n${text}`);
    expect(list.filter((memory) => memory.includes(name))).toHaveLength(1);
  });

  it('a piece with a statement is kept besides it', async () => {
    const text = 'Project handbook.\nMy manager is Anna.\nThe budget is 40,000 euros.';

    await learn('handbook.md', text);

    expect(await found('budget in euros')).toContain(`[file handbook.md]\n${text}`);
    expect(await found('manager Anna')).toContain("User's manager is Anna.");
  });

  it('a piece whose statements say all of it is not kept besides them', async () => {
    await learn('home.md', 'I live in Rotterdam.');

    const list = await found('Rotterdam');

    expect(list.filter((memory) => memory.includes('Rotterdam'))).toEqual([
      'User lives in Rotterdam.',
    ]);
  });

  it.each([
    ['Spanish', 'es.txt', 'El desayuno se sirve a las siete en la terraza.'],
    ['JSON', 'data.json', '{"breakfast": {"hour": 7, "place": "terrace"}}'],
  ])('a text in %s is kept as it is', async (_, name, text) => {
    await learn(name, text);

    const list = await found(text);

    expect(list).toContain(`[file ${name}]\n${text}`);
    expect(list.filter((memory) => memory.includes(' said: '))).toEqual([]);
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
