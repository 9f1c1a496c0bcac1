import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { pdfOf } from '../support/documents.ts';
import { httpClient } from '../support/http-client.ts';
import type { Answer, Client } from '../support/in-memory-service.ts';
import { guangzhou, type MemosClient, memosClient, saying } from '../support/memos-client.ts';

const Added = z.object({ data: z.array(z.object({ task_id: z.string() })) });
const unknownTask = '01990000-0000-7000-8000-000000000000';

/** Contract of every platform for a client of MemOS, over HTTP. */
export const describeMemos = (running: () => { url: string; apiKey: string }): void => {
  describe('a client of MemOS', () => {
    let client: Client;
    let memos: MemosClient;

    beforeAll(() => {
      const { url, apiKey } = running();
      client = httpClient(url, apiKey);
      memos = memosClient(client);
    });

    /** Waits for the end of a task, and returns its body. */
    const ended = async (task: string): Promise<Answer['body']> => {
      await client(`GET /v1/events/${task}?wait=25`);
      const body = await memos.task(task);
      return body.status === 'running' ? ended(task) : body;
    };
    const learn = async (content: string, user: string) =>
      memos.data('add/message', saying(content, { user_id: user, async_mode: false }));
    const factsOf = async (user: string): Promise<{ id: string; memory_value: string }[]> =>
      (await memos.data('get/memory', { user_id: user })).memory_detail_list;

    it('an add of MemOS is found by the very next search, and keeps its id once it is refined', async () => {
      const body = { user_id: 'memos/1', conversation_id: '0610', messages: guangzhou };
      const { task_id, status } = await memos.data('add/message', body);
      const atOnce = await memos.search('Guangzhou', {
        user_id: 'memos/1',
        conversation_id: 'another',
      });
      const task = await ended(task_id);
      const later = await memos.search('Guangzhou hotels', { user_id: 'memos/1', relativity: 0 });

      expect(status).toBe('running');
      const [first] = atOnce.memory_detail_list;
      expect(first).toMatchObject({ conversation_id: '0610', status: 'activated' });
      expect(task).toMatchObject({
        status: 'completed',
        memory_views: { updated: 0, deleted: 0, preference: { memory_ids: [expect.any(String)] } },
      });
      const ids = later.memory_detail_list.map(({ id }: { id: string }) => id);
      expect(ids).toContain(first.id);
      expect(later.preference_detail_list).toMatchObject([
        {
          preference: expect.stringContaining('may prefer'),
          preference_type: 'implicit_preference',
          reasoning: expect.stringContaining('7 Days Inn'),
        },
      ]);
      expect(later.preference_note).toContain('Implicit preferences');
    });

    it('the messages of a conversation of MemOS are kept as they were said', async () => {
      const conversation = { user_id: 'memos/1', conversation_id: '0610' };

      const { message_detail_list: said } = await memos.data('get/message', conversation);

      expect(said.map(({ content }: { content: string }) => content)).toEqual(
        guangzhou.map(({ content }) => content),
      );
    });

    it('an add of MemOS that waits has been refined, and is listed, changed and deleted', async () => {
      const added = await learn('I live in Lisbon.', 'memos/2');
      const [fact] = await factsOf('memos/2');
      const changed = { memory_id: fact?.id, content: 'Lives in Porto.', title: 'Home' };
      await memos.data('update/memory', changed);
      const { body: one } = await memos.get(`get/memory/${fact?.id}`);
      await memos.data('delete/memory', { memory_ids: [fact?.id] });

      expect(added).toMatchObject({ success: true, status: 'completed' });
      expect(fact?.memory_value).toContain('Lisbon');
      expect(one.data).toMatchObject({ title: 'Home', content: 'Lives in Porto.' });
      expect(await factsOf('memos/2')).toEqual([]);
      expect((await memos.get(`get/memory/${fact?.id}`)).body.code).toBe(40307);
    });

    it('feedback of a client of MemOS is a task that corrects a memory', async () => {
      await learn('I live in San Francisco.', 'memos/3');

      const feedback = { user_id: 'memos/3', feedback_content: 'I moved to Seattle.' };
      const { task_id } = await memos.data('add/feedback', feedback);
      const task = await ended(task_id);

      expect(task).toMatchObject({ status: 'completed', memory_views: { updated: 1 } });
      expect(await factsOf('memos/3')).toMatchObject([
        { memory_value: expect.stringContaining('Seattle') },
      ]);
    });

    it('an extraction answers with what messages say and keeps nothing', async () => {
      const messages = [{ role: 'user', content: 'I live in Bergen.' }];

      const data = await memos.data('extract/memory', { messages });

      expect(JSON.stringify(data.memory_detail_list)).toContain('Bergen');
      const found = await memos.search('Bergen', { user_id: 'memos/4', relativity: 0 });
      expect(found.memory_detail_list).toEqual([]);
    });

    it('a file that is sent as a form is read, found and deleted', async () => {
      const named = { knowledgebase_name: 'Handbook' };
      const { id } = await memos.data('create/knowledgebase', named);
      const form = new FormData();
      form.set('knowledgebase_id', id);
      form.set('file', new File([pdfOf(['I live in Trondheim.'])], 'homes.pdf'));
      const { url, apiKey } = running();
      const response = await fetch(`${url}/api/openmem/v1/add/knowledgebase-file`, {
        method: 'POST',
        headers: { authorization: `Token ${apiKey}` },
        body: form,
      });
      const [file] = Added.parse(await response.json()).data;
      await ended(file?.task_id ?? '');
      const search = () =>
        memos.search('Trondheim', { user_id: 'memos/6', relativity: 0, knowledgebase_ids: [id] });
      const found = await search();
      const files = await memos.data('get/knowledgebase-file', { knowledgebase_id: id });
      const { task_id } = await memos.data('delete/knowledgebase', { knowledgebase_id: id });

      expect(JSON.stringify(found.memory_detail_list)).toContain('Trondheim');
      expect(files.file_detail_list).toMatchObject([{ name: 'homes.pdf', status: 'completed' }]);
      expect(await ended(task_id)).toMatchObject({ status: 'completed' });
      const gone = await memos.call('get/knowledgebase-file', { knowledgebase_id: id });
      expect(gone.body.code).toBe(50120);
    }, 120_000);

    it('documents are ordered by their likeness to a query', async () => {
      const documents = ['It rains today.', 'She drinks green tea.'];

      const { body } = await memos.call('rerank', { query: 'green tea', documents, top_n: 1 });

      expect(body.results).toMatchObject([{ index: 1, document: { text: documents[1] } }]);
    });

    it('a deletion of a user of MemOS hides everything at once and ends as a task', async () => {
      await learn('I live in Oslo.', 'memos/5');

      const { task_id } = await memos.data('delete/memory', { user_id: 'memos/5' });

      expect(await factsOf('memos/5')).toEqual([]);
      expect(await ended(task_id)).toMatchObject({ status: 'completed' });
    });

    it('errors have the numbers of MemOS', async () => {
      const answers = await Promise.all([
        memos.call('get/status', { task_id: unknownTask }),
        memos.call('add/message', { messages: guangzhou }),
        memos.call('nowhere', {}),
      ]);

      expect(answers.map(({ status, body }) => [status, body.code, body.data])).toEqual([
        [404, 50131, null],
        [400, 40002, null],
        [404, 40001, null],
      ]);
    });
  });
};
