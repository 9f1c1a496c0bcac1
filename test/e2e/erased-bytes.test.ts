import { createServer } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { textsInFiles } from '../support/data-bytes.ts';
import { type RunningService, runScript, startService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// Searches every byte of the data folder of a running service, and of a backup. Markers are unique words, so that stems,
// terms and keys made from them contain them, too.

const apiKey = 'a-key-of-my-own-choice';
const headers = { authorization: `Token ${apiKey}`, 'content-type': 'application/json' };
/** Time within which an erasure has reached every file. */
const erasedMs = 5_000;

let folder: ReturnType<typeof temporaryFolder>;
let service: RunningService;
let settings: NodeJS.ProcessEnv;
/**
 * Echoes the request in an error response, so that deliveries stay pending and attempts keep an excerpt; at `/header`
 * in a header only.
 */
const receiver = createServer(async (request, response) => {
  response.statusCode = 500;
  if (request.url !== '/header') {
    request.pipe(response);
    return;
  }
  const sent = (await text(request)).replace(/[^ -~]/g, '');
  response.setHeader('x-echo', sent.slice(0, 4_000)).end();
});

beforeAll(async () => {
  folder = temporaryFolder();
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const address = receiver.address();
  const pair = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  settings = {
    TURNSTONE_DATA_DIR: folder.file('data'),
    TURNSTONE_API_KEY: apiKey,
    TURNSTONE_WEBHOOK_ALLOW: pair,
    TURNSTONE_WEBHOOK_SCHEDULE: '0,3600',
    TURNSTONE_LOG: 'warn',
  };
  service = await startService(settings);
  for (const path of ['', 'header'])
    await call('POST', '/v1/endpoints', {
      url: `http://${pair}/${path}`,
      event_types: ['*'],
      ordered: true,
    });
}, 60_000);

afterAll(async () => {
  service.child.kill('SIGKILL');
  await service.ended;
  receiver.close();
  folder.remove();
});

// biome-ignore lint/suspicious/noExplicitAny: the response is data to examine
const call = async (method: string, path: string, body?: object): Promise<any> => {
  const answer = await fetch(`${service.url}${path}`, {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
};

const final = async (event: string) => {
  for (;;) {
    const found = await call('GET', `/v1/events/${event}?wait=20`);
    if (/SUCCEEDED|FAILED|CANCELLED/.test(found.status)) return found;
  }
};

const list = async (user: string): Promise<{ id: string; memory: string }[]> =>
  (await call('POST', '/v3/memories/', { filters: { user_id: user } })).results;

const add = async (user: string, content: string, more: object = {}): Promise<void> => {
  const messages = [{ role: 'user', content }];
  const { event_id: id } = await call('POST', '/v3/memories/add/', {
    user_id: user,
    messages,
    ...more,
  });
  await final(id);
};

const backup = async (name: string): Promise<void> => {
  const running = runScript('backup', settings, folder.file(`backups-${name}/copy.db`));
  expect(await running.ended, running.err()).toBe(0);
};

/** Markers by the place where the text is stored, unique per set. */
const wordsOf = (set: string) => ({
  said: `zqsaid${set}`,
  kept: `zqkept${set}`,
  put: `zqput${set}`,
  meta: `zqmeta${set}`,
  rule: `zqrule${set}`,
  kind: `zqkind${set}`,
  asked: `zqasked${set}`,
  again: `zqagain${set}`,
  // Date of a fact, which is a field of its own beside the text.
  dated: `${1_500 + set.length}-07-19`,
});

/** Creates a user with a memory of each sort; returns the markers that are in the folder now. */
const live = async (user: string): Promise<string[]> => {
  const words = wordsOf(user.replace(/\W/g, ''));
  await add(user, `I live in ${words.said}. I like ${words.said} tea.`, {
    metadata: { [words.meta]: words.meta },
    custom_instructions: `Mind the ${words.rule}.`,
    custom_categories: [{ [words.kind]: `All about ${words.kind}.` }],
  });
  // Already known: a memory that this message repeats.
  await add(user, `I live in ${words.said}. Hello, ${words.again}!`);
  const [year] = words.dated.split('-');
  await add(user, `My ancestor was knighted on 19 July ${year}.`);
  await add(user, `My desk is near ${words.kept}.`, { infer: false });
  await add(user, `Is there a ${words.asked}?`);
  const [first] = await list(user);
  await call('PUT', `/v1/memories/${first?.id}/`, { text: `The ${words.put} is here.` });
  // Deliveries fail, and their attempts keep the echo of the receiver.
  await sleep(1_000);
  return Object.values(words);
};

/** Whether a text was found in a file of an attachment, which is named by turn and digest. */
const isInBlob = (found: string): boolean => / in [0-9a-f-]{36}\.[0-9a-f]{64}$/.test(found);

/** A part with a text file. */
const fileSaying = (words: string): object => ({
  type: 'txt_url',
  txt_url: `data:text/plain;base64,${Buffer.from(words).toString('base64')}`,
});

const everywhere = (texts: readonly string[]): string[] => textsInFiles(folder.path, texts);

describe('erased bytes', () => {
  it('no erased byte is left five seconds after the answer to a DELETE, nor in a backup made then', async () => {
    const words = await live('deleted');
    const before = everywhere(words);

    for (const { id } of await list('deleted')) await call('DELETE', `/v1/memories/${id}/`);
    await sleep(erasedMs);

    expect(new Set(before.map((found) => found.split(' ')[0]))).toEqual(new Set(words));
    const asked = words.filter((word) => word.startsWith('zqasked'));
    const erased = words.filter((word) => !asked.includes(word));
    expect(everywhere(erased)).toEqual([]);
    await backup('deleted');
    expect(everywhere(erased)).toEqual([]);
  }, 60_000);

  it('no erased byte is left when one message of a refined turn is deleted, and the other stays', async () => {
    const [gone, kept] = ['zqgone', 'zqstays'];
    const { event_id: id, turn_id: turn } = await call('POST', '/v1/turns', {
      user_id: 'parts',
      messages: [
        { role: 'user', content: `I live in ${gone}.` },
        { role: 'user', content: `My sister likes ${kept} tea.` },
      ],
    });
    await final(id);
    await sleep(1_000);
    const before = everywhere([gone, kept]);

    await call('DELETE', `/v1/memories/${turn}.m0/`);
    await sleep(erasedMs);

    expect(new Set(before.map((found) => found.split(' ')[0]))).toEqual(new Set([gone, kept]));
    expect(everywhere([gone])).toEqual([]);
    expect(everywhere([kept])).not.toEqual([]);
  }, 60_000);

  it('no erased byte of an attachment is left, neither of the file nor of what was read', async () => {
    const [gone, kept] = ['zqfilegone', 'zqfilestays'];
    const turnWith = async (user: string, word: string) => {
      const { event_id: id } = await call('POST', '/v1/turns', {
        user_id: user,
        messages: [{ role: 'user', content: fileSaying(`I live in ${word}.`) }],
      });
      await final(id);
    };
    await turnWith('files', gone);
    await turnWith('files-too', kept);
    const before = everywhere([gone, kept]);

    const { event_id: id } = await call('DELETE', '/v1/memories/?user_id=files');
    await final(id);

    expect(new Set(before.filter(isInBlob).map((found) => found.split(' ')[0]))).toEqual(
      new Set([gone, kept]),
    );
    expect(everywhere([gone])).toEqual([]);
    await backup('files');
    expect(everywhere([gone])).toEqual([]);
    const copies = everywhere([kept]).filter(isInBlob);
    expect(copies.length).toBe(2 * new Set(copies).size);
  }, 60_000);

  it('no erased byte is left when a rough memory is deleted', async () => {
    const [word, meta] = ['zqrough', 'zqroughmeta'];
    const { turn_id: turn } = await call('POST', '/v1/turns', {
      user_id: 'rough',
      messages: [{ role: 'user', content: `I live in ${word}.` }],
      metadata: { [meta]: meta },
    });

    // The turn may have been refined in the meantime.
    await call('DELETE', `/v1/memories/${turn}/`).catch(() => {});
    for (const { id } of await list('rough')) await call('DELETE', `/v1/memories/${id}/`);
    await sleep(erasedMs);

    expect(everywhere([word, meta])).toEqual([]);
  }, 60_000);

  it('no erased byte is left when a delete-all has SUCCEEDED, and of the id only what expires', async () => {
    const words = await live('forgotten-77');

    const { event_id: id } = await call('DELETE', '/v1/memories/?user_id=forgotten-77');
    const { status } = await final(id);
    const left = everywhere(words);
    await backup('forgotten');

    expect(status).toBe('SUCCEEDED');
    expect(left).toEqual([]);
    expect(everywhere(words)).toEqual([]);
    const copy = new DatabaseSync(folder.file('backups-forgotten/copy.db'), { readOnly: true });
    const naming = copy
      .prepare(
        `SELECT kind FROM items WHERE expires_at IS NULL
         AND instr(pk || sk || body || coalesce(list_pk, ''), 'forgotten-77')`,
      )
      .all();
    copy.close();
    // Pointers of turns that were just refined expire within a minute.
    const kinds = naming.map(({ kind }) => kind).filter((kind) => kind !== 'RECENT');
    expect(kinds).toEqual([]);
  }, 60_000);

  it('no erased byte is left once another process that reads an older state ends', async () => {
    const words = await live('held');
    const reader = new DatabaseSync(folder.file('data/turnstone.db'), { readOnly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM items').get();

    for (const { id } of await list('held')) await call('DELETE', `/v1/memories/${id}/`);
    await sleep(2_000);
    reader.close();
    await sleep(erasedMs);

    expect(everywhere(words.filter((word) => !word.startsWith('zqasked')))).toEqual([]);
  }, 60_000);

  it('no erased byte is left while other users add constantly', async () => {
    const words = await live('busy');
    let isOver = false;
    const others = Array.from({ length: 4 }, async (_, n) => {
      for (let i = 0; !isOver; i++)
        await call('POST', '/v1/turns', {
          user_id: `other-${n}`,
          messages: [{ role: 'user', content: `I like sort ${i} of tea.` }],
        });
    });

    const { event_id: id } = await call('DELETE', '/v1/memories/?user_id=busy');
    const { status } = await final(id);
    const left = everywhere(words);
    isOver = true;
    await Promise.all(others);

    expect(status).toBe('SUCCEEDED');
    expect(left).toEqual([]);
  }, 90_000);
});
