import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { textsInFiles } from '../support/data-bytes.ts';
import { httpClient } from '../support/http-client.ts';
import type { Answer } from '../support/in-memory-service.ts';
import { type RunningService, startService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// Searches every byte of the data folder of a running service for the texts of exports and profiles.

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

const call = async (request: string, body?: object): Promise<Answer['body']> => {
  const client = httpClient(service.url, apiKey);
  const answer = await client(request, body ? { body } : {});
  if (answer.status >= 400) throw new Error(`${request}: ${JSON.stringify(answer.body)}`);
  return answer.body;
};

const final = (event: string) => call(`GET /v1/events/${event}?wait=20`);

/** Makes an export and the profile of a user, and waits for both. */
const derive = async (user: string): Promise<void> => {
  const schema = { properties: { memory: { type: 'string' } } };
  const { id } = await call('POST /v1/exports/', { filters: { user_id: user }, schema });
  const job = { operation: 'trigger', entity_type: 'user', entity_id: user };
  const { event_id: generation } = await call('POST /v2/profiles/jobs/', job);
  for (const event of [id, generation]) expect((await final(event)).status).toBe('SUCCEEDED');
};

/** Number of stored exports and profiles that have a text. */
const derivedSaying = (text: string): number => {
  const data = new DatabaseSync(folder.file('data/turnstone.db'), { readOnly: true });
  const found = data
    .prepare("SELECT kind FROM items WHERE kind IN ('EXPORT_PART', 'PROFILE') AND instr(body, ?)")
    .all(text);
  data.close();
  return found.length;
};

it.each(['one by one', 'by a delete-all'])(
  'no erased byte is left of an export and a profile when the memories are deleted %s',
  async (how) => {
    const user = how === 'one by one' ? 'derived-1' : 'derived-2';
    const word = `zqderived${user.at(-1)}`;
    const messages = [{ role: 'user', content: `My desk is near ${word}.` }];
    const { results } = await call('POST /v3/memories/add/', {
      user_id: user,
      messages,
      infer: false,
    });
    await derive(user);
    const stored = derivedSaying(word);

    if (how === 'one by one') await call(`DELETE /v1/memories/${results[0].id}/`);
    else await final((await call(`DELETE /v1/memories/?user_id=${user}`)).event_id);
    await sleep(erasedMs);

    expect(stored).toBe(2);
    expect(textsInFiles(folder.path, [word])).toEqual([]);
  },
  60_000,
);
