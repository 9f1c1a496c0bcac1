import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { badRequests } from '../support/bad-knowledge-base-requests.ts';
import type { Answer, Client, TestService } from '../support/in-memory-service.ts';
import { type MemosClient, memosClient, saying } from '../support/memos-client.ts';

/** Opens a service with a model that keeps what was said. */
export interface KnowledgeBaseServices {
  open(): Promise<TestService>;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const unknownBase = '01990000-0000-7000-8000-000000000000';

/** Behaviour of knowledge bases and public memory, on each store. */
export const knowledgeBasesContract = (name: string, { open }: KnowledgeBaseServices): void => {
  describe(`knowledge bases on ${name}`, () => {
    let service: TestService;
    let memos: MemosClient;
    beforeAll(async () => {
      service = await open();
      memos = memosClient(service.client);
    });
    afterAll(() => service.close());

    const create = async (title = 'Handbook'): Promise<string> =>
      (await memos.data('create/knowledgebase', { knowledgebase_name: title })).id;
    const ended = (task: string, client: Client = service.client) =>
      client(`GET /v1/events/${task}?wait=20`);
    const add = async (base: string, name: string, text: string): Promise<Answer['body']> => {
      const file = [{ name, content: base64(text) }];
      const [added] = await memos.data('add/knowledgebase-file', { knowledgebase_id: base, file });
      return added;
    };
    /** Adds a file and waits until it was read. */
    const learn = async (base: string, name: string, text: string): Promise<Answer['body']> => {
      const added = await add(base, name, text);
      await ended(added.task_id);
      return added;
    };
    const found = async (query: string, fields: object, user = 'ana'): Promise<string> => {
      const list = await memos.search(query, { user_id: user, relativity: 0, ...fields });
      return JSON.stringify(list.memory_detail_list);
    };
    const files = async (base: string) =>
      (await memos.data('get/knowledgebase-file', { knowledgebase_id: base })).file_detail_list;

    it('a file is read in the background and found by searches that name its knowledge base', async () => {
      const base = await create();
      const added = await learn(
        base,
        'rules.md',
        'Breakfast is served at seven in the winter garden.',
      );

      const query = 'When is breakfast?';
      const named = await found(query, { knowledgebase_ids: [base] });
      const all = await found(query, { knowledgebase_ids: 'all' });
      const none = await found(query, {});

      expect(added).toMatchObject({ type: 'document', name: 'rules.md', status: 'running' });
      expect(named).toContain('winter garden');
      expect(named).toContain('default_session');
      expect(named).toContain('"file_name":"rules.md"');
      expect(all).toContain('winter garden');
      expect(none).toBe('[]');
    });

    it('a form with files is taken as well', async () => {
      const base = await create();
      const form = new FormData();
      form.set('knowledgebase_id', base);
      form.set('file', new File(['The sauna is in the cellar.'], 'sauna.txt'));
      const key = await service.keyOf();

      const response = await service.app.request(
        'http://service.test/api/openmem/v1/add/knowledgebase-file',
        { method: 'POST', headers: { authorization: `Token ${key}` }, body: form },
      );
      const { data } = (await response.json()) as Answer['body'];
      await ended(data[0].task_id);

      expect(data).toMatchObject([{ name: 'sauna.txt', status: 'running' }]);
      expect(await found('Where is the sauna?', { knowledgebase_ids: [base] })).toContain('cellar');
    });

    it('the name of a file is one line without characters that hide others', async () => {
      const base = await create();
      const name = ' a\u0007\r\nb\u202Efdp.exe';
      const form = new FormData();
      form.set('knowledgebase_id', base);
      form.set('file', new File(['The sauna is closed.'], name));
      const key = await service.keyOf();

      await service.app.request('http://service.test/api/openmem/v1/add/knowledgebase-file', {
        method: 'POST',
        headers: { authorization: `Token ${key}` },
        body: form,
      });
      await add(base, `${name}2`, 'The sauna is open.');

      const names = (await files(base)).map((one: { name: string }) => one.name);
      expect(names.toSorted()).toEqual(['a bfdp.exe', 'a bfdp.exe2']);
    });

    it('a file that is added again is the same file', async () => {
      const base = await create();
      const first = await add(base, 'one.txt', 'The pool opens at nine.');
      const again = await learn(base, 'one.txt', 'The pool opens at nine.');
      const later = await add(base, 'one.txt', 'The pool opens at nine.');

      expect([again.id, later.id]).toEqual([first.id, first.id]);
      expect([again.task_id, later.task_id]).toEqual([first.task_id, first.task_id]);
      expect(later.status).toBe('completed');
      expect(await files(base)).toHaveLength(1);
    });

    it('a deletion of a file hides the file and its memories at once, and may be added again', async () => {
      const base = await create();
      const { id } = await learn(base, 'one.txt', 'The pool opens at nine.');
      await learn(base, 'two.txt', 'The bar opens at ten.');

      const deleted = await memos.data('delete/knowledgebase-file', { file_ids: [id] });
      const searched = await found('opens', { knowledgebase_ids: [base] });
      const listed = await files(base);
      await ended(deleted.task_ids[0]);
      await learn(base, 'one.txt', 'The pool opens at nine.');

      expect(searched).not.toContain('pool');
      expect(searched).toContain('bar');
      expect(listed).toMatchObject([{ name: 'two.txt' }]);
      expect(await found('pool', { knowledgebase_ids: [base] })).toContain('pool');
      expect(await files(base)).toHaveLength(2);
    });

    it('a deletion of a knowledge base hides everything of it at once', async () => {
      const base = await create();
      const { id } = await learn(base, 'one.txt', 'The turret opens at nine.');

      const { task_id } = await memos.data('delete/knowledgebase', { knowledgebase_id: base });

      const requests: [string, object][] = [
        ['search/memory', { user_id: 'ana', query: 'turret', knowledgebase_ids: [base] }],
        ['get/knowledgebase-file', { knowledgebase_id: base }],
        [
          'add/knowledgebase-file',
          { knowledgebase_id: base, file: [{ content: base64('x y z a b c') }] },
        ],
        ['add/message', saying('hello', { allow_knowledgebase_ids: [base] })],
        ['delete/knowledgebase', { knowledgebase_id: base }],
      ];
      for (const [path, body] of requests) {
        const { status, body: answer } = await memos.call(path, body);
        expect([path, status, answer.code]).toEqual([path, 404, 50120]);
      }
      const { file_detail_list: left } = await memos.data('get/knowledgebase-file', {
        file_ids: [id],
      });
      expect(left).toEqual([]);
      expect(await found('turret', { knowledgebase_ids: 'all' })).not.toContain('turret');
      expect((await ended(task_id)).body).toMatchObject({ status: 'SUCCEEDED' });
    });

    it('what is said with allow_knowledgebase_ids and allow_public is found by other users, and outlives its user', async () => {
      const base = await create();
      const said = saying('The lift is out of order.', {
        user_id: 'eve',
        allow_public: true,
        allow_knowledgebase_ids: [base],
      });
      await memos.learnt(said);

      const own = await memos.search('lift', { user_id: 'eve', relativity: 0 });
      const byPublic = await found('lift', {}, 'fay');
      const { task_id } = await memos.data('delete/memory', { user_id: 'eve' });
      await ended(task_id);

      expect(own.memory_detail_list).toHaveLength(1);
      await expect.poll(() => found('lift', {}, 'fay')).toContain('Learnt: The lift');
      expect(byPublic).toContain('lift');
      expect(await found('lift', { knowledgebase_ids: [base] }, 'eve')).toContain('lift');
    });

    it('a search of all knowledge bases has one result for equal copies of a turn', async () => {
      const bases = [await create('One'), await create('Two')];
      const said = { user_id: 'hal', allow_public: true, allow_knowledgebase_ids: bases };
      await memos.learnt(saying('The bicycle shed is locked.', said));

      const results = async (): Promise<number> =>
        (
          await memos.search('bicycle shed', {
            user_id: 'ida',
            relativity: 0,
            knowledgebase_ids: bases,
          })
        ).memory_detail_list.filter((one: object) =>
          JSON.stringify(one).includes('Learnt: The bicycle'),
        ).length;

      await expect.poll(results).toBe(1);
      const again = await Promise.all(Array.from({ length: 5 }, results));
      expect(again).toEqual([1, 1, 1, 1, 1]);
    });

    it('a filter of one source leaves the others as they are', async () => {
      const base = await create();
      await learn(base, 'one.txt', 'The gym has a window.');
      await memos.learnt(saying('My gym has a mirror.', { user_id: 'gus' }));
      const search = (filter: object) => found('gym', { knowledgebase_ids: [base], filter }, 'gus');

      const noFiles = await search({ knowledgebase: { and: [{ file_name: 'other' }] } });
      const noOwn = await search({ user: { and: [{ file_name: 'one.txt' }] } });

      expect(noFiles).toContain('mirror');
      expect(noFiles).not.toContain('window');
      expect(noOwn).not.toContain('mirror');
      expect(noOwn).toContain('window');
    });

    it('ids that stand for any id, odd ones and repeated ones name nothing', async () => {
      for (const id of ['*', '#', '%', 'a/b', `${unknownBase}/x`]) {
        const answers = await Promise.all([
          memos.call('get/knowledgebase-file', { knowledgebase_id: id }),
          memos.call('delete/knowledgebase', { knowledgebase_id: id }),
          memos.call('delete/knowledgebase-file', { file_ids: [id, id] }),
          memos.call('search/memory', {
            user_id: 'ana',
            query: 'x',
            knowledgebase_ids: [id, id],
          }),
        ]);

        expect(answers.map(({ body }) => body.code)).toEqual([50120, 50120, 40001, 50120]);
      }
    });

    it('another project knows neither the knowledge base nor its files', async () => {
      const base = await create();
      const { id } = await learn(base, 'one.txt', 'The pool opens at nine.');
      const stranger = memosClient(await service.clientOf('other'));

      const answers = await Promise.all([
        stranger.call('get/knowledgebase-file', { knowledgebase_id: base }),
        stranger.call('list/knowledgebase-file', { knowledgebase_id: base }),
        stranger.call('delete/knowledgebase', { knowledgebase_id: base }),
        stranger.call('delete/knowledgebase-file', { file_ids: [id] }),
        stranger.call('search/memory', { user_id: 'a', query: 'b', knowledgebase_ids: [base] }),
      ]);

      expect(answers.map(({ body }) => body.code)).toEqual([50120, 50120, 50120, 40001, 50120]);
      expect((await stranger.data('list/knowledgebase', {})).total).toBe(0);
      expect(await files(base)).toHaveLength(1);
    });

    it.each(badRequests)('%s with %j is error %i of %s', async (path, body, code, field) => {
      const answer = await memos.call(path, body);

      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ code, field, data: null });
    });
  });
};
