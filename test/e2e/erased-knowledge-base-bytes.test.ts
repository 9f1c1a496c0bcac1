import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { textsInFiles } from '../support/data-bytes.ts';
import { httpClient } from '../support/http-client.ts';
import { memosClient, saying } from '../support/memos-client.ts';
import { type RunningService, startService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// Searches every byte of the data folder of a running service for texts and names of files of knowledge bases.

const apiKey = 'a-key-of-my-own-choice';
/** Time within which an erasure has reached every file. */
const erasedMs = 5_000;

let folder: ReturnType<typeof temporaryFolder>;
let service: RunningService;

beforeAll(async () => {
  folder = temporaryFolder();
  const settings = { TURNSTONE_DATA_DIR: folder.file('data'), TURNSTONE_API_KEY: apiKey };
  service = await startService({ ...settings, TURNSTONE_LOG: 'warn' });
}, 60_000);

afterAll(async () => {
  service.child.kill('SIGKILL');
  await service.ended;
  folder.remove();
});

const client = () => httpClient(service.url, apiKey);
const final = async (event: string) => (await client()(`GET /v1/events/${event}?wait=20`)).body;
const call = (path: string, body: object) => memosClient(client()).data(path, body);

/** Adds a knowledge base with a name, a file and a message that have the word. */
const fill = async (word: string): Promise<{ base: string; file: string }> => {
  const { id: base } = await call('create/knowledgebase', { knowledgebase_name: `Base ${word}` });
  const content = Buffer.from(`My desk is near the ${word} tower.`).toString('base64');
  const [file] = await call('add/knowledgebase-file', {
    knowledgebase_id: base,
    file: [{ name: `${word}.txt`, content }],
  });
  expect((await final(file.task_id)).status).toBe('SUCCEEDED');
  const said = saying(`I live near the ${word} tower.`, {
    user_id: word,
    allow_public: true,
    allow_knowledgebase_ids: [base],
  });
  await final((await call('add/message', said)).task_id);
  return { base, file: file.id };
};

it('no erased byte is left of a file when the file is deleted', async () => {
  const { file } = await fill('zqquarto');
  const stored = textsInFiles(folder.path, ['zqquarto.txt']);

  const { task_ids } = await call('delete/knowledgebase-file', { file_ids: [file] });
  const event = await final(task_ids[0]);
  await sleep(erasedMs);

  expect(stored).not.toEqual([]);
  expect(event).toMatchObject({ status: 'SUCCEEDED' });
  expect(textsInFiles(folder.path, ['zqquarto.txt', 'desk is near the zqquarto'])).toEqual([]);
}, 60_000);

it('no erased byte is left of a knowledge base and its files when the base is deleted', async () => {
  const { base } = await fill('zqfolio');
  await final((await call('delete/memory', { user_id: 'zqfolio' })).task_id);

  const { task_id } = await call('delete/knowledgebase', { knowledgebase_id: base });
  const event = await final(task_id);
  await sleep(erasedMs);

  expect(event).toMatchObject({ status: 'SUCCEEDED' });
  const left = ['zqfolio.txt', 'desk is near the zqfolio', 'Base zqfolio'];
  expect(textsInFiles(folder.path, left)).toEqual([]);
}, 60_000);

it('no erased byte is left of knowledge bases and public memory when everything is deleted', async () => {
  await fill('zqoctavo');

  const path = '/v1/memories/?user_id=*&agent_id=*&app_id=*&run_id=*';
  const { body } = await client()(`DELETE ${path}`);
  const event = await final(body.event_id);
  await sleep(erasedMs);

  expect(event).toMatchObject({ status: 'SUCCEEDED' });
  const left = ['zqoctavo.txt', 'near the zqoctavo', 'Base zqoctavo'];
  expect(textsInFiles(folder.path, left)).toEqual([]);
  const files = await call('search/memory', {
    user_id: 'zqoctavo',
    query: 'tower',
    knowledgebase_ids: 'all',
    relativity: 0,
  });
  expect(files.memory_detail_list).toEqual([]);
}, 60_000);
