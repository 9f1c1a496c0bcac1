import { afterEach, describe, expect, it } from 'vitest';
import {
  type Client,
  openService,
  say,
  type TestService,
} from '../../support/in-memory-service.ts';

let service: TestService;
afterEach(() => service.close());

const open = async (): Promise<Client> => {
  service = await openService();
  return service.clientOf('default', ['read', 'write', 'admin']);
};

const project = 'PATCH /api/v1/orgs/organizations/:org/projects/default';

const setProject = async (client: Client, body: object) => {
  const { org_id: org } = (await client('GET /v1/ping')).body;
  return client(project.replace(':org', org), { body });
};

const exchange = (content: string, user = 'alice') => ({
  user_id: user,
  messages: [
    { role: 'user', content },
    { role: 'assistant', content: 'I see.' },
  ],
});

const typesOf = async (client: Client, user = 'alice') => {
  const { body } = await client('POST /v3/memories', { body: { filters: { user_id: user } } });
  return [...new Set(body.results.map(({ type }: { type: string }) => type))].sort();
};

/** Adds an exchange by one of the ways to add. */
const ways: { readonly [way: string]: (client: Client, content: string) => Promise<unknown> } = {
  'POST /v1/turns': (client, content) => client('POST /v1/turns', { body: exchange(content) }),
  'POST /v3/memories/add': (client, content) =>
    client('POST /v3/memories/add', { body: exchange(content) }),
  'POST /v1/memories': (client, content) =>
    client('POST /v1/memories', { body: exchange(content) }),
};

describe('settings of processing', () => {
  it.each(Object.keys(ways))(
    'five exchanges by %s reach a threshold of ten messages',
    async (way) => {
      const client = await open();
      await setProject(client, { batch_threshold: 10 });

      for (const text of ['one', 'two', 'three', 'four']) await ways[way]?.(client, text);
      const waiting = (await client('POST /v1/users/alice/wait')).body;
      const before = await typesOf(client);
      await ways[way]?.(client, 'five');
      const { body } = await client('POST /v1/users/alice/wait');

      expect(waiting.knowledge_count).toBe(0);
      expect(before).toEqual(['rough']);
      expect(body).toMatchObject({ status: 'completed', timed_out: false });
      expect(await typesOf(client)).not.toContain('rough');
    },
  );

  it('by default every turn is refined at once', async () => {
    const client = await open();

    const { body } = await client('GET /v1/users/alice/settings');

    expect(body).toEqual({ auto_process: true, batch_threshold: 1, idle_seconds: null, own: [] });
  });

  it('settings of a user replace those of the project one by one', async () => {
    const client = await open();
    await setProject(client, { auto_process: false, batch_threshold: 4 });
    const put = await client('PUT /v1/users/alice/settings', { body: { auto_process: true } });

    await client('POST /v1/turns', { body: say('one') });
    await client('POST /v1/turns', { body: say('one', 'bob') });
    for (let count = 0; count < 3; count++)
      await client('POST /v1/turns', { body: { ...say(`turn ${count}`), dedupe: false } });
    await client('POST /v1/users/alice/wait');
    await client('POST /v1/users/bob/wait');

    expect(put.body).toEqual({
      auto_process: true,
      batch_threshold: 4,
      idle_seconds: null,
      own: ['auto_process'],
    });
    expect(await typesOf(client)).not.toContain('rough');
    expect(await typesOf(client, 'bob')).toEqual(['rough']);
  });

  it('null and an empty body give a user the settings of the project again', async () => {
    const client = await open();
    await client('PUT /v1/users/alice/settings', {
      body: { idle_seconds: 60, batch_threshold: 3 },
    });

    const partly = await client('PUT /v1/users/alice/settings', {
      body: { batch_threshold: 3, idle_seconds: null },
    });
    const none = await client('PUT /v1/users/alice/settings', { body: {} });

    expect(partly.body).toMatchObject({
      batch_threshold: 3,
      idle_seconds: null,
      own: ['batch_threshold'],
    });
    expect(none.body).toMatchObject({ batch_threshold: 1, own: [] });
  });

  it('a caller that waits for its add is not held', async () => {
    const client = await open();
    await setProject(client, { auto_process: false });

    const turn = await client('POST /v1/turns', { body: { ...say('one'), async: false } });
    const add = await client('POST /v3/memories/add', {
      body: { ...say('two'), async_mode: false },
    });

    expect(turn.body.status).toBe('SUCCEEDED');
    expect(add.body.status).toBe('SUCCEEDED');
  });

  it('an add can name the settings itself', async () => {
    const client = await open();
    await setProject(client, { auto_process: false });

    await client('POST /v1/turns', { body: { ...say('one'), auto_process: true } });
    await client('POST /v1/users/alice/wait');

    expect(await typesOf(client)).not.toContain('rough');
  });

  it('an add with auto_process false is stored, found and not refined', async () => {
    const client = await open();

    await client('POST /v1/turns', { body: { ...say('one'), auto_process: false } });
    await client('POST /v1/users/alice/wait');

    expect(await typesOf(client)).toEqual(['rough']);
  });

  it('the project shows its settings, and null restores the default', async () => {
    const client = await open();
    const { org_id: org } = (await client('GET /v1/ping')).body;
    const get = `GET /api/v1/orgs/organizations/${org}/projects/default`;
    await setProject(client, { auto_process: false, batch_threshold: 7, idle_seconds: 30 });
    const shown = (await client(get)).body;
    await setProject(client, { auto_process: null, batch_threshold: null });

    expect(shown).toMatchObject({ auto_process: false, batch_threshold: 7, idle_seconds: 30 });
    expect((await client(get)).body).toMatchObject({
      auto_process: true,
      batch_threshold: 1,
      idle_seconds: 30,
    });
  });

  it.each([
    ['auto_process', 'no'],
    ['batch_threshold', 0],
    ['batch_threshold', 1_001],
    ['batch_threshold', 2.5],
    ['idle_seconds', 0],
    ['idle_seconds', 86_401],
  ])('%s %s is refused with the name of the field', async (field, value) => {
    const client = await open();

    const user = await client('PUT /v1/users/alice/settings', { body: { [field]: value } });
    const turn = await client('POST /v1/turns', { body: { ...say('one'), [field]: value } });

    for (const { status, body } of [user, turn, await setProject(client, { [field]: value })]) {
      expect(status).toBe(400);
      expect(body).toMatchObject({ code: 'invalid_request', field });
    }
  });

  it('a misspelt setting is refused, and the settings stay', async () => {
    const client = await open();
    await client('PUT /v1/users/alice/settings', { body: { auto_process: false } });

    const refused = await client('PUT /v1/users/alice/settings', { body: { batchThreshold: 4 } });

    expect(refused).toMatchObject({
      status: 400,
      body: {
        code: 'invalid_request',
        field: 'batchThreshold',
        message:
          'batchThreshold is not a field of this request: use auto_process, batch_threshold, idle_seconds.',
      },
    });
    const { body } = await client('GET /v1/users/alice/settings');
    expect(body).toMatchObject({ auto_process: false, own: ['auto_process'] });
  });

  it('a change of a project names unknown settings as ignored', async () => {
    const { body } = await setProject(await open(), { batchThreshold: 4, batch_threshold: 4 });

    expect(body.ignored).toEqual(['batchThreshold']);
  });

  it.each([
    ['process', 'wait'],
    ['flush', 'timeout'],
    ['wait', 'timeout'],
  ])('%s reads %s from the query string and from the body', async (route, name) => {
    const client = await open();
    await setProject(client, { auto_process: false });
    await client('POST /v1/turns', { body: say('I live in Oslo.') });
    const path = `POST /v1/users/alice/${route}`;

    for (const value of [-1, 'soon']) {
      const inQuery = await client(`${path}?${name}=${value}`);
      const inBody = await client(path, { body: { [name]: value } });

      expect([inQuery.status, inBody.status]).toEqual([400, 400]);
      expect([inQuery.body.field, inBody.body.field]).toEqual([name, name]);
    }
    const unknown = await client(path, { body: { seconds: 1 } });
    expect(unknown).toMatchObject({ status: 400, body: { field: 'seconds' } });
  });

  it('a flush with a timeout of 0 in the query string does not wait', async () => {
    const client = await open();
    await setProject(client, { auto_process: false });
    await client('POST /v1/turns', { body: say('I live in Oslo.') });

    const { status, body } = await client('POST /v1/users/alice/flush?timeout=0');

    expect([status, body.timed_out]).toEqual([202, true]);
  });

  it('a request to process waits as its body says', async () => {
    const client = await open();
    await setProject(client, { auto_process: false });
    await client('POST /v1/turns', { body: say('I live in Oslo.') });

    const { status, body } = await client('POST /v1/users/alice/process', { body: { wait: 20 } });

    expect([status, body.done]).toEqual([200, true]);
  });
});
