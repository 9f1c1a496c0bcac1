import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { finalEvent, openService, say, type TestService } from '../support/in-memory-service.ts';

let service: TestService;
beforeEach(async () => {
  service = await openService();
});
afterEach(() => service.close());

const add = async (fields: object, content = 'I like tea.'): Promise<string> => {
  const { messages } = say(content);
  const { body } = await service.client('POST /v1/turns', { body: { messages, ...fields } });
  return body.event_id;
};

/** Adds a turn and waits for its memory. Returns the id of the memory. */
const learn = async (fields: object, content?: string): Promise<string> => {
  const { results } = await finalEvent(service.client, await add(fields, content));
  return results[0].id;
};

const list = async (query = '') => (await service.client(`GET /v1/entities/${query}`)).body;

/** Names and numbers of memories of the list. */
const counts = async (): Promise<{ [name: string]: number }> =>
  Object.fromEntries(
    (await list()).results.map((one: { type: string; name: string; total_memories: number }) => [
      `${one.type} ${one.name}`,
      one.total_memories,
    ]),
  );

const erase = async (path: string): Promise<void> => {
  const { status, body } = await service.client(`DELETE ${path}`);
  expect(status).toBe(200);
  await finalEvent(service.client, body.event_id);
};

describe('the list of entities', () => {
  it('every entity of an add is listed as soon as the add was answered', async () => {
    const waiting = await openService({ refines: false });
    const body = { ...say('I like tea.', 'ana'), agent_id: 'a', app_id: 'b', run_id: 'c' };

    await waiting.client('POST /v1/turns', { body });

    const answer = await waiting.client('GET /v1/entities/');
    await waiting.close();
    expect(answer.body).toMatchObject({
      count: 4,
      next: null,
      previous: null,
      total_users: 1,
      total_agents: 1,
      total_apps: 1,
      total_runs: 1,
    });
    expect(answer.body.results).toEqual(
      expect.arrayContaining([
        {
          id: 'ana',
          name: 'ana',
          type: 'user',
          owner: 'turnstone',
          metadata: {},
          total_memories: 1,
          created_at: expect.stringMatching(/Z$/),
          updated_at: expect.stringMatching(/Z$/),
        },
      ]),
    );
  });

  it('the count of an entity is that of a list of its memories, through refinement and deletion', async () => {
    const first = await learn({ user_id: 'ana', run_id: 'r' });
    await learn({ user_id: 'ana' }, 'I live in Oslo.');
    const before = await counts();

    await service.client(`DELETE /v1/memories/${first}`);

    expect(before).toEqual({ 'user ana': 2, 'run r': 1 });
    expect(await counts()).toEqual({ 'user ana': 1, 'run r': 0 });
  });

  it('an expired memory is not counted', async () => {
    const body = { ...say('I am away.', 'ana'), infer: false, expiration_date: '2020-01-01' };

    await service.client('POST /v3/memories/add', { body });

    expect(await counts()).toEqual({ 'user ana': 0 });
  });

  it('entities are listed in pages, newest first', async () => {
    for (const user_id of ['ana', 'ben', 'cleo']) await learn({ user_id });

    const [first, second] = [await list('?page=1&page_size=2'), await list('?page=2&page_size=2')];

    const names = (page: { results: { name: string }[] }) => page.results.map(({ name }) => name);
    expect([names(first), names(second)]).toEqual([['cleo', 'ben'], ['ana']]);
    expect(first).toMatchObject({ count: 3, total_users: 3, previous: null });
    expect(first.next).toContain('page=2');
    expect((await service.client('GET /v1/entities/?page=3&page_size=2')).status).toBe(404);
  });

  it('entities of another project are not listed', async () => {
    const other = await service.clientOf('other');
    await learn({ user_id: 'ana' });

    expect((await other('GET /v1/entities/')).body.results).toEqual([]);
    expect((await other('GET /v2/entities/user/ana/')).status).toBe(404);
  });
});

describe('the deletion of an entity', () => {
  it.each(['/v2/entities/user/ana/', '/v1/entities/user/ana/'])(
    'DELETE %s hides the entity at once, and its memories with it',
    async (path) => {
      await learn({ user_id: 'ana', agent_id: 'a' });
      await learn({ user_id: 'ben' });

      const { body } = await service.client(`DELETE ${path}`);
      const atOnce = await counts();
      await finalEvent(service.client, body.event_id);

      expect(body).toEqual({
        message: 'Delete in progress. This may take some time.',
        event_id: expect.any(String),
      });
      expect(atOnce).toEqual({ 'user ben': 1, 'agent a': 0 });
      expect(await counts()).toEqual(atOnce);
    },
  );

  it('an entity is listed again once a new add names it', async () => {
    await learn({ user_id: 'ana' });
    await erase('/v2/entities/user/ana/');
    const deleted = await counts();

    const event = await add({ user_id: 'ana' }, 'I am back.');
    const rough = await counts();
    await finalEvent(service.client, event);

    expect(deleted).toEqual({});
    expect(rough).toEqual({ 'user ana': 1 });
    expect(await counts()).toEqual({ 'user ana': 1 });
  });

  it.each([
    ['all users', '/v1/memories/?user_id=*', ['agent a']],
    ['everything', '/v1/memories/?user_id=*&agent_id=*&app_id=*&run_id=*', []],
  ])('a delete-all of %s deletes the entities that it names', async (_, path, left) => {
    await learn({ user_id: 'ana' });
    await learn({ agent_id: 'a' });

    const { body } = await service.client(`DELETE ${path}`);
    const atOnce = await counts();
    await finalEvent(service.client, body.event_id);
    const finished = await counts();
    await learn({ user_id: 'new' });

    expect(Object.keys(atOnce)).toEqual(left);
    expect(Object.keys(finished)).toEqual(left);
    expect(Object.keys(await counts()).toSorted()).toEqual([...left, 'user new'].toSorted());
  });

  it('an id with a slash names one entity', async () => {
    await learn({ user_id: 'team/ana b' });

    const encoded = await service.client('GET /v2/entities/user/team%2Fana%20b/');
    // A gateway of AWS decodes the path.
    const decoded = await service.client('GET /v2/entities/user/team/ana%20b');
    await erase('/v2/entities/user/team%2Fana%20b/');

    expect(encoded.body).toMatchObject([{ name: 'team/ana b', total_memories: 1 }]);
    expect(decoded.body).toEqual(encoded.body);
    expect(await counts()).toEqual({});
  });
});

describe('one entity', () => {
  it('a known entity is answered as a list of one', async () => {
    await learn({ user_id: 'ana' });

    const { body } = await service.client('GET /v2/entities/user/ana/');

    expect(body).toEqual((await list()).results);
  });

  it('an unknown or deleted entity is not found', async () => {
    await learn({ user_id: 'ana' });
    await erase('/v2/entities/user/ana/');

    const answers = [
      await service.client('GET /v2/entities/user/ana/'),
      await service.client('GET /v2/entities/agent/ana/'),
    ];

    expect(answers).toMatchObject([
      { status: 404, body: { code: 'entity_not_found' } },
      { status: 404, body: { code: 'entity_not_found' } },
    ]);
  });

  it.each([
    ['GET /v2/entities/team/ana', 'entity_type'],
    ['DELETE /v2/entities/team/ana', 'entity_type'],
    ['DELETE /v2/entities/user/*', 'entity_id'],
    ['DELETE /v2/entities/user/*/profile', 'entity_id'],
    ['DELETE /v1/entities/user/ana/profile', 'entity_id'],
    [`DELETE /v2/entities/user/${'x'.repeat(257)}`, 'entity_id'],
    ['DELETE /v1/entities/user/%20', 'entity_id'],
  ])('%s is refused by its field', async (request, field) => {
    const { status, body } = await service.client(request);

    expect([status, body.code, body.field]).toEqual([400, 'invalid_request', field]);
    expect(body.detail).toContain(field);
  });

  it('an entity whose id ends like the path of a profile is deleted by its encoded id', async () => {
    const { status } = await service.client('DELETE /v2/entities/user/ana%2Fprofile');

    expect(status).toBe(200);
  });

  it('a profile is no part of the id', async () => {
    const { status, body } = await service.client('GET /v2/entities/user/ana/profile/');

    expect([status, body.code]).toEqual([404, 'entity_not_found']);
  });
});

describe('values to filter by', () => {
  it('the values are those of the memories and of the filter', async () => {
    await learn({ user_id: 'ana' });

    const { body } = await service.client('GET /v1/entities/filters/');

    expect(body).toEqual({
      event_type: [
        ...['ADD', 'UPDATE', 'DELETE', 'DELETE_ALL', 'SEARCH', 'REINDEX', 'EXPORT'],
        ...['PROFILE', 'PROCESS', 'REPLACE'],
      ],
      categories: [],
      users: ['ana'],
      parameters: expect.arrayContaining(['user_id', 'created_at', 'categories']),
    });
  });
});
