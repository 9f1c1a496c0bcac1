import { expect } from 'vitest';
import { type Check, newId, say, until } from './check.ts';
import type { PublishedCli } from './published-cli.ts';

const json = ['--output', 'json'] as const;

/** Keeps a text word for word, and returns the id of its memory. */
const keep = async (cli: PublishedCli, user: string, text: string): Promise<string> => {
  const { results } = await cli.json('add', text, '--user-id', user, '--no-infer', ...json);
  return results[0].id;
};

const setUpChecks: readonly Check<PublishedCli>[] = [
  {
    method: 'init --api-key',
    route: 'GET /v1/ping',
    async run(cli) {
      const shown = await cli.run('init', '--api-key', 'e2e-key-of-nobody', '-u', 'ana', '--force');

      expect(shown).toContain('Configuration saved');
    },
  },
  {
    method: 'init --email',
    route: 'POST /api/v1/auth/email_code',
    async run(cli) {
      await cli.run('init', '--email', 'ana@example.com', '--code', '000000', '--force');
    },
  },
  {
    method: 'status',
    route: 'GET /v1/ping',
    async run(cli) {
      const { data } = await cli.json('status', ...json);

      expect(data).toMatchObject({ connected: true, backend: 'platform' });
    },
  },
];

const memoryChecks: readonly Check<PublishedCli>[] = [
  {
    method: 'add',
    route: 'POST /v3/memories/add',
    async run(cli) {
      const user = newId('ana');
      const owner = ['--user-id', user, '--agent-id', 'guide', '--run-id', newId('r')];
      const options = ['--metadata', '{"rank":1}', '--expires', '2999-01-01', '--no-infer'];
      const messages = ['--messages', JSON.stringify(say('I ski.'))];
      const file = ['--file', cli.file('messages.json', say('I sail.'))];

      const text = await cli.json('add', 'I live in Lisbon.', ...owner, ...options, ...json);
      const listed = await cli.json('add', ...messages, '--user-id', user, '--no-infer', ...json);
      const read = await cli.json('add', ...file, '--user-id', user, '--no-infer', ...json);

      expect(text.results).toMatchObject([{ event: 'ADD', memory: 'I live in Lisbon.' }]);
      expect(listed.results).toMatchObject([{ memory: 'I ski.' }]);
      expect(read.results).toMatchObject([{ memory: 'I sail.' }]);
    },
  },
  {
    method: 'add (infer)',
    route: 'POST /v3/memories/add',
    async run(cli) {
      const user = newId('bob');

      const shown = await cli.run('add', 'I moved to Porto.', '--user-id', user);
      const found = await cli.json('search', 'Where is Porto?', '--user-id', user, ...json);

      expect(shown).toContain('Memory queued');
      expect(found[0].memory).toContain('Porto');
    },
  },
  {
    method: 'search',
    route: 'POST /v3/memories/search',
    async run(cli) {
      const user = newId('cleo');
      await keep(cli, user, 'I live in Oslo.');
      const options = ['--top-k', '1', '--threshold', '0.1', '--rerank', '--keyword'];
      const filter = ['--filter', JSON.stringify({ AND: [{ user_id: user }] })];

      const found = await cli.json('search', 'Where? Oslo?', '-u', user, ...options, ...json);
      const filtered = await cli.json('search', 'Oslo', ...filter, ...json);
      const shown = await cli.run('search', 'Oslo', '-u', user, '--output', 'table');

      expect(found).toMatchObject([{ memory: 'I live in Oslo.', score: expect.any(Number) }]);
      expect(filtered).toHaveLength(1);
      expect(shown).toContain('I live in Oslo.');
    },
  },
  {
    method: 'get',
    route: 'GET /v1/memories/:id',
    async run(cli) {
      const user = newId('dan');
      const id = await keep(cli, user, 'I dance.');

      const got = await cli.json('get', id, ...json);

      expect(got).toMatchObject({ id, memory: 'I dance.', user_id: user });
      await expect(cli.run('get', '01990000-0000-7000-8000-000000000000')).rejects.toThrow(
        /not found/i,
      );
    },
  },
  {
    method: 'list',
    route: 'POST /v3/memories',
    async run(cli) {
      const user = newId('eve');
      const id = await keep(cli, user, 'I edit.');
      const days = ['--after', '2020-01-01', '--before', '2999-01-01', '--latest-only'];

      const { data } = await cli.json('list', '-u', user, '--page-size', '5', ...days, ...json);
      const none = await cli.json('list', '-u', user, '--category', 'none', ...json);

      expect(data).toMatchObject([{ id, memory: 'I edit.' }]);
      expect(none.count).toBe(0);
    },
  },
  {
    method: 'update',
    route: 'PUT /v1/memories/:id',
    async run(cli) {
      const id = await keep(cli, newId('fay'), 'I fence.');

      const updated = await cli.json('update', id, 'I fish.', '--metadata', '{"rank":2}', ...json);

      expect(updated).toMatchObject({ id, memory: 'I fish.', metadata: { rank: 2 } });
    },
  },
  {
    method: 'delete',
    route: 'DELETE /v1/memories/:id',
    async run(cli) {
      const id = await keep(cli, newId('gil'), 'I garden.');

      const shown = await cli.run('delete', id, '--dry-run');
      const deleted = await cli.json('delete', id, '--force', '--delete-linked', ...json);

      expect(shown).toContain('I garden.');
      expect(deleted.message).toBe('Memory deleted successfully!');
      await expect(cli.run('get', id)).rejects.toThrow(/not found/i);
    },
  },
  {
    method: 'delete --all',
    route: 'DELETE /v1/memories',
    async run(cli) {
      const user = newId('hal');
      await keep(cli, user, 'I hike.');

      const deleted = await cli.json('delete', '--all', '-u', user, '--force', ...json);
      const left = await cli.json('list', '-u', user, ...json);

      expect(deleted).toMatchObject({ event_id: expect.any(String) });
      expect(left.count).toBe(0);
    },
  },
  {
    method: 'import',
    route: 'POST /v3/memories/add',
    async run(cli) {
      const user = newId('ida');
      const file = cli.file('import.json', [{ memory: 'I ice-skate.' }, { text: 'I ink.' }, {}]);

      const shown = await cli.run('import', file, '--user-id', user, ...json);
      // A line of progress comes before the JSON.

      expect(JSON.parse(shown.slice(shown.indexOf('{')))).toMatchObject({
        data: { added: 2, failed: 1 },
      });
    },
  },
];

const entityAndEventChecks: readonly Check<PublishedCli>[] = [
  {
    method: 'entity list',
    route: 'GET /v1/entities',
    async run(cli) {
      const user = newId('jon');
      await keep(cli, user, 'I jog.');

      const { data } = await cli.json('entity', 'list', 'users', ...json);

      expect(data).toContainEqual({ name: user, type: 'user' });
    },
  },
  {
    method: 'entity delete',
    route: 'DELETE /v2/entities/:type/:id',
    async run(cli) {
      const user = newId('kim');
      await keep(cli, user, 'I knit.');

      const deleted = await cli.json('entity', 'delete', '--user-id', user, '--force', ...json);
      const { data } = await cli.json('entity', 'list', 'users', ...json);

      expect(deleted.user).toMatchObject({ event_id: expect.any(String) });
      expect(data).not.toContainEqual({ name: user, type: 'user' });
    },
  },
  {
    method: 'event list',
    route: 'GET /v1/events',
    async run(cli) {
      const { event_id } = await cli.json(
        'add',
        'I log.',
        '-u',
        newId('lea'),
        '--no-infer',
        ...json,
      );

      // The list of events of AWS may lag.
      const list = await until(
        () => cli.json('event', 'list', ...json),
        ({ data }) => data.some(({ id }: { id: string }) => id === event_id),
      );

      expect(list.data).toContainEqual(
        expect.objectContaining({ id: event_id, event_type: 'ADD', status: 'SUCCEEDED' }),
      );
    },
  },
  {
    method: 'event status',
    route: 'GET /v1/event/:id',
    async run(cli) {
      const add = ['add', 'I mow lawns.', '--user-id', newId('max')];
      const { event_id } = await cli.json(...add, '--no-infer', ...json);

      const { data } = await cli.json('event', 'status', event_id, ...json);
      const shown = await cli.run('event', 'status', event_id);

      expect(data).toMatchObject({ id: event_id, event_type: 'ADD', status: 'SUCCEEDED' });
      expect(shown).toContain('I mow lawns.');
    },
  },
];

/** Commands of the published command line that call the service. */
export const cliChecks: readonly Check<PublishedCli>[] = [
  ...setUpChecks,
  ...memoryChecks,
  ...entityAndEventChecks,
];
