import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, TestService } from '../support/in-memory-service.ts';
import { type MemosClient, memosClient } from '../support/memos-client.ts';
import type { KnowledgeBaseServices } from './knowledge-bases.contract.ts';

const unknownBase = '01990000-0000-7000-8000-000000000000';

/** Lists of knowledge bases and of their files, on each store. */
export const knowledgeBaseListsContract = (name: string, { open }: KnowledgeBaseServices): void => {
  describe(`lists of knowledge bases on ${name}`, () => {
    let service: TestService;
    let memos: MemosClient;
    beforeAll(async () => {
      service = await open();
      memos = memosClient(service.client);
    });
    afterAll(() => service.close());

    const create = async (title = 'Handbook'): Promise<string> =>
      (await memos.data('create/knowledgebase', { knowledgebase_name: title })).id;
    /** Adds a file and waits until it was read. */
    const learn = async (base: string, title: string, text: string): Promise<Answer['body']> => {
      const file = [{ name: title, content: Buffer.from(text).toString('base64') }];
      const [added] = await memos.data('add/knowledgebase-file', { knowledgebase_id: base, file });
      await service.client(`GET /v1/events/${added.task_id}?wait=20`);
      return added;
    };

    it('files are listed newest first and looked up by their ids, with their status', async () => {
      const base = await create();
      const first = await learn(base, 'one.txt', 'The pool opens at nine.');
      const second = await learn(base, 'two.pdf', '%PDF-1.4 not really');

      const listed = await memos.data('get/knowledgebase-file', {
        knowledgebase_id: base,
        page: 1,
        page_size: 1,
      });
      const looked = await memos.data('get/knowledgebase-file', { file_ids: [first.id, 'none'] });

      expect(listed).toMatchObject({
        file_detail_list: [
          { id: second.id, name: 'two.pdf', status: 'failed', error: expect.any(String) },
        ],
        total: 2,
      });
      expect(looked).toMatchObject({
        file_detail_list: [
          { id: first.id, name: 'one.txt', type: 'document', status: 'completed' },
        ],
        total: 1,
      });
    });

    it('knowledge bases and their files are listed in pages, newest first', async () => {
      const older = await create('Older');
      const newer = await create('Newer');
      await learn(newer, 'one.txt', 'The pool opens at nine.');
      await learn(newer, 'two.txt', 'The bar opens at ten.');
      const named = { knowledgebase_id: newer };

      const bases = await memos.data('list/knowledgebase', { page: 1, size: 2 });
      const next = await memos.data('list/knowledgebase', { page: 2, size: 1 });
      const page = await memos.data('list/knowledgebase-file', { ...named, page: 2, size: 1 });
      const { body } = await memos.call('list/knowledgebase-file', {
        knowledgebase_id: unknownBase,
      });

      expect(bases).toMatchObject({
        knowledgebase_list: [
          { id: newer, name: 'Newer' },
          { id: older, name: 'Older' },
        ],
        total: expect.any(Number),
        page: 1,
        size: 2,
      });
      expect(next.knowledgebase_list).toMatchObject([{ id: older }]);
      expect(page).toMatchObject({
        file_detail_list: [{ name: 'one.txt', status: 'completed' }],
        total: 2,
        page: 2,
        size: 1,
      });
      expect(body.code).toBe(50120);
    });
  });
};
