import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Permission } from '../../shared/domain/project.ts';
import { type Client, finalEvent, say } from '../support/in-memory-service.ts';
import type { WebhookService } from '../support/webhook-service.ts';

// biome-ignore lint/suspicious/noExplicitAny: records are data to examine
type Fields = { readonly [field: string]: any };

const all: readonly Permission[] = ['read', 'write', 'admin'];

/** Records of an export, without the first and the last one. */
const recordsOf = (text: string): Fields[] => {
  const records = text
    .trimEnd()
    .split('\n')
    .map((one) => JSON.parse(one));
  expect(records.at(0)).toEqual({ archive: { version: 1 } });
  expect(records.at(-1)).toEqual({ end: true });
  return records.slice(1, -1);
};

const named = (records: readonly Fields[], name: string): Fields[] =>
  records.flatMap((record) => record[name] ?? []);

interface OpenOptions {
  /** Whether an export is read page by page. */
  pages?: boolean;
  /** Address of another receiver that webhooks may be sent to. */
  receiver?: string;
}

/**
 * Tests of exports and their import.
 * @param open opens a service on an empty store
 */
export const archiveContract = (open: (options: OpenOptions) => Promise<WebhookService>): void => {
  let services: WebhookService[];
  beforeEach(() => {
    services = [];
  });
  afterEach(() => Promise.all(services.map((service) => service.close())));

  const openOne = async (options: OpenOptions = {}) => {
    const service = await open(options);
    services.push(service);
    return { service, client: await service.clientOf(undefined, all) };
  };

  const exported = async (client: Client, query = ''): Promise<string> => {
    const { status, body } = await client(`GET /v1/export?format=jsonl${query}`);
    expect(status, JSON.stringify(body)).toBe(200);
    return body;
  };

  /** Pages of an export, without the records that have the cursors. */
  const pagesOf = async (client: Client, query = ''): Promise<string[]> => {
    const page = await exported(client, query);
    const [, next] = /\{"next":"([^"]+)"\}\n$/.exec(page) ?? [];
    if (next === undefined) return [page];
    const kept = page.slice(0, page.lastIndexOf('{"next"'));
    return [kept, ...(await pagesOf(client, `&after=${next}`))];
  };

  /** Restores records in requests of ten. Returns what became of them. */
  const restore = async (client: Client, records: readonly Fields[]): Promise<string[]> => {
    const outcomes: string[] = [];
    for (const { file, ...record } of records) {
      const body = file
        ? {
            file: [
              { turn: file.turn, digest: file.digest, of_turn: file.ofTurn, content: file.data },
            ],
          }
        : { records: [record] };
      const answer = await client('POST /v1/import', { body });
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      outcomes.push(...answer.body.outcomes);
    }
    return outcomes;
  };

  const add = async (client: Client, text: string, user: string, fields: object = {}) => {
    const { body } = await client('POST /v1/turns', { body: { ...say(text, user), ...fields } });
    await finalEvent(client, body.event_id);
    return body;
  };

  /** Remembers something of every kind. */
  const fill = async ({ service, client }: Awaited<ReturnType<typeof openOne>>) => {
    await add(client, 'I live in Oslo since 3 May 2026.', 'ana', {
      metadata: { b: 1, a: [true, null] },
      agent_id: 'bot',
    });
    const kept = await add(client, 'I like tea.', 'ana', {
      infer: false,
      timestamp: '2025-01-31T10:00:00Z',
    });
    await add(client, 'My dog is Rex.', 'ben');
    const list = await client('POST /v3/memories/', { body: { filters: { user_id: 'ana' } } });
    const tea = list.body.results.find(({ memory }: Fields) => memory === 'I like tea.').id;
    await client(`PUT /v1/memories/${tea}/`, { body: { text: 'I like mate.' } });
    const gone = await add(client, 'My secret is zqgone.', 'ana', { infer: false });
    await client(`DELETE /v1/memories/${gone.turn_id ?? gone.id}/`);
    await client('POST /v1/users', { body: { user_id: 'declared', metadata: { plan: 'free' } } });
    const file = Buffer.from('I moved to Bergen, says the letter.').toString('base64');
    const parts = [{ type: 'mdx_url', mdx_url: { url: `data:text/markdown;base64,${file}` } }];
    const read = await client('POST /v1/turns', {
      body: { messages: [{ role: 'user', content: parts }], user_id: 'ana' },
    });
    await finalEvent(client, read.body.event_id);
    await service.register({
      url: `${service.receiver.url}/hook-0123456789`,
      event_types: ['memory_add'],
    });
    return { tea, kept };
  };

  describe('an export that is restored in an empty service', () => {
    it('it is exported again with the same bytes', async () => {
      const from = await openOne();
      await fill(from);
      const to = await openOne({ receiver: from.service.receiver.pair });
      const before = await exported(from.client);

      const outcomes = await restore(to.client, recordsOf(before));

      expect(new Set(outcomes)).toEqual(new Set(['restored']));
      const after = await exported(to.client);
      expect(after.split('\n').sort()).toEqual(before.split('\n').sort());
      expect(named(recordsOf(before), 'file').length).toBeGreaterThan(0);
      expect(before).toContain('"occursOn":"2026-05-03"');
      const revisions = named(recordsOf(after), 'revision');
      expect(named(recordsOf(before), 'revision')).toHaveLength(revisions.length);
    });

    it('what was restored is searched, listed and shown with its history and its events as before', async () => {
      const from = await openOne();
      const { tea, kept } = await fill(from);
      const to = await openOne();

      await restore(to.client, recordsOf(await exported(from.client)));

      const seen = async (client: Client) => ({
        found: (
          await client('POST /v3/memories/search/', {
            body: { query: 'mate', filters: { user_id: 'ana' } },
          })
        ).body.results[0].memory,
        history: (await client(`GET /v1/memories/${tea}/history/`)).body,
        event: (await client(`GET /v1/events/${kept.event_id}`)).body,
        memory: (await client(`GET /v1/memories/${tea}/`)).body,
        users: (await client('GET /v1/entities')).body.results
          .map(({ name, total_memories }: Fields) => [name, total_memories])
          .sort(),
      });
      expect(await seen(to.client)).toEqual(await seen(from.client));
      expect((await seen(to.client)).found).toBe('I like mate.');
    });

    it('a second import changes nothing', async () => {
      const from = await openOne();
      await fill(from);
      const records = recordsOf(await exported(from.client));
      const before = await exported(from.client);

      const outcomes = await restore(from.client, records);

      expect(new Set(outcomes)).toEqual(new Set(['exists']));
      expect(await exported(from.client)).toBe(before);
    });
  });

  describe('an export', () => {
    it('that of one user has what names the user, and no other user', async () => {
      const from = await openOne();
      await fill(from);

      const records = recordsOf(await exported(from.client, '&user_id=ben'));

      expect(named(records, 'memory').map(({ text }) => text)).toEqual(['Learnt: My dog is Rex.']);
      expect(named(records, 'entity')).toMatchObject([{ kind: 'user', id: 'ben' }]);
      expect([...named(records, 'turn'), ...named(records, 'event')]).toHaveLength(2);
      expect(JSON.stringify(records)).not.toMatch(/ana|Oslo|hook/);
    });

    it('it has no word of what was deleted, also while the erasure is under way', async () => {
      const from = await openOne();
      await fill(from);
      await forgetBen(from.client);

      const text = await exported(from.client);

      expect(text).not.toContain('zqgone');
      expect(text).not.toContain('Rex');
      expect(text).toContain('Oslo');
    });

    it('read page by page it has the same records, once or twice', async () => {
      const { client } = await openOne({ pages: true });
      for (let n = 0; n < 12; n++) await add(client, `Note ${n}. ${'x'.repeat(45_000)}`, 'ana');

      const pages = await pagesOf(client);

      const turns = named(recordsOf(pages.join('')), 'turn');
      const notes = turns.map(({ messages: [note] }) => note.content.slice(0, 8));
      expect(pages.length).toBeGreaterThan(1);
      expect(new Set(notes).size).toBe(12);
    });

    it('a key that only reads gets endpoints without the tokens of their URLs', async () => {
      const from = await openOne();
      await fill(from);
      const reader = await from.service.clientOf(undefined, ['read']);

      const [masked] = named(recordsOf(await exported(reader)), 'endpoint');
      const [whole] = named(recordsOf(await exported(from.client)), 'endpoint');

      expect(masked?.['url']).toMatch(/\/\*\*\*$/);
      expect(whole?.['url']).toMatch(/\/hook-0123456789$/);
      expect(JSON.stringify([masked, whole])).not.toMatch(/secret|whsec/i);
    });
  });

  describe('an import', () => {
    it('what a delete-all of the service covers stays deleted', async () => {
      const from = await openOne();
      await fill(from);
      const records = recordsOf(await exported(from.client, '&user_id=ben'));
      await forgetBen(from.client);

      const outcomes = await restore(from.client, records);

      expect(outcomes).not.toContain('restored');
      expect(await exported(from.client)).not.toContain('Rex');
    });

    it('a memory that was deleted here stays deleted, and so do its words in turns, events and history', async () => {
      const from = await openOne();
      const { tea } = await fill(from);
      const records = recordsOf(await exported(from.client));
      const to = await openOne();
      await restore(
        to.client,
        named(records, 'memory').map((memory) => ({ memory })),
      );
      await to.client(`DELETE /v1/memories/${tea}/`);

      await restore(to.client, records);

      const text = await exported(to.client);
      expect(text).not.toContain('mate');
      expect(text).not.toContain('like tea');
      expect(text).toContain('Oslo');
    });

    it('a turn that waits to be refined is refined in the other service', async () => {
      const from = await openOne();
      await from.client('PUT /v1/users/ana/settings', { body: { auto_process: false } });
      const { body } = await from.client('POST /v1/turns', {
        body: say('I play the cello.', 'ana'),
      });
      const records = recordsOf(await exported(from.client, '&user_id=ana'));
      const to = await openOne();

      await restore(to.client, records);

      expect(await finalEvent(to.client, body.event_id)).toMatchObject({
        status: 'SUCCEEDED',
        results: [{ memory: 'Learnt: I play the cello.' }],
      });
    });

    it.each([
      [{ records: [] }, 'records must not be empty.'],
      [{ records: [{ memory: { id: 'x' } }] }, 'records[0].memory.id must be the id of a memory.'],
      [{ records: [{}] }, 'records[0] must have exactly one'],
    ])('%j is refused in one sentence', async (body, sentence) => {
      const { client } = await openOne();

      const answer = await client('POST /v1/import', { body });

      expect(answer.status).toBe(400);
      expect(answer.body.message).toContain(sentence);
    });

    it('a key without the admin permission restores nothing', async () => {
      const { service } = await openOne();
      const entity = { kind: 'user', id: 'ben', createdAt: 1 };
      const answer = await service.client('POST /v1/import', { body: { records: [{ entity }] } });

      expect(answer.status).toBe(403);
    });
  });

  /** Deletes all of the user `ben`. */
  const forgetBen = async (client: Client): Promise<void> => {
    const { body } = await client('DELETE /v1/memories/?user_id=ben');
    if (body.event_id) await finalEvent(client, body.event_id);
  };
};
