import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createUsageMeter } from '../../shared/core/projects/usage-meter.ts';
import { openService, say, type TestService } from '../support/in-memory-service.ts';

let service: TestService;
beforeEach(async () => {
  service = await openService({
    access: (platform) => ({ usage: createUsageMeter(platform) }),
  });
});
afterEach(() => service.close());

const store = async (content: string, user = 'alice'): Promise<string> => {
  const { body } = await service.client('POST /v3/memories/add/', {
    body: { ...say(content, user), infer: false },
  });
  return body.results[0].id;
};

describe('GET /v1/stats', () => {
  it('the numbers of an empty project are zero', async () => {
    const { status, body } = await service.client('GET /v1/stats/');

    expect(status).toBe(200);
    expect(body).toEqual({
      total_memories: 0,
      total_users: 0,
      total_agents: 0,
      total_apps: 0,
      total_runs: 0,
      total_add_events: 0,
      total_search_events: 0,
      usage_since: expect.any(String),
      usage_until: expect.any(String),
      feedback: { POSITIVE: 0, NEGATIVE: 0, VERY_NEGATIVE: 0 },
    });
  });

  it('memories, entities, adds, searches and feedback are counted', async () => {
    const ids = [await store('Tea.'), await store('Chess.', 'bob'), await store('Rain.', 'bob')];
    for (const id of ids.slice(1))
      await service.client('POST /v1/feedback/', { body: { memory_id: id, feedback: 'NEGATIVE' } });
    await service.client('POST /v3/memories/search/', {
      body: { query: 'tea', filters: { user_id: 'alice' } },
    });

    const { body } = await service.client('GET /v1/stats/');

    expect(body).toMatchObject({
      total_memories: 3,
      total_users: 2,
      total_add_events: 3,
      total_search_events: 1,
      feedback: { POSITIVE: 0, NEGATIVE: 2, VERY_NEGATIVE: 0 },
    });
  });

  it('cleared feedback, and that of a deleted memory, is not counted', async () => {
    const ids = [await store('Tea.'), await store('Chess.')];
    const give = (id: string | undefined, feedback: string | null) =>
      service.client('POST /v1/feedback/', { body: { memory_id: id, feedback } });
    for (const id of ids) await give(id, 'POSITIVE');
    await give(ids[0], null);
    await service.client(`DELETE /v1/memories/${ids[1]}/`);

    const { body } = await service.client('GET /v1/stats/');

    expect(body).toMatchObject({ total_memories: 1, feedback: { POSITIVE: 0 } });
  });

  it('another project is not counted', async () => {
    await store('Tea.');
    const stranger = await service.clientOf('strangers');

    expect((await stranger('GET /v1/stats/')).body).toMatchObject({
      total_memories: 0,
      total_users: 0,
      total_add_events: 0,
    });
  });
});

describe('GET /v1/memories/events', () => {
  it('the events of memories are listed in pages, without searches', async () => {
    const id = await store('Tea.');
    await service.client('POST /v3/memories/search/?event=true', {
      body: { query: 'tea', filters: { user_id: 'alice' } },
    });
    await service.client(`DELETE /v1/memories/${id}/`);

    const first = await service.client('GET /v1/memories/events/?page=1&limit=1');
    const second = await service.client(`GET ${first.body.next}`);

    expect(first.body).toMatchObject({ count: 2, results: [{ event_type: 'DELETE' }] });
    expect(second.body).toMatchObject({ next: null, results: [{ event_type: 'ADD' }] });
  });

  it.each(['limit=0', 'limit=x', 'page=0'])('%s is rejected', async (query) => {
    expect((await service.client(`GET /v1/memories/events/?${query}`)).status).toBe(400);
  });
});

describe('GET /v1/memories/{type}/{id}', () => {
  it('the memories of an entity are listed newest first, also of one whose id has a slash', async () => {
    await store('Tea.', 'a/b c');
    await store('Chess.', 'a/b c');
    await store('Rain.', 'bob');

    const { body } = await service.client('GET /v1/memories/user/a%2Fb%20c/');

    expect(body).toMatchObject([{ memory: 'Chess.' }, { memory: 'Tea.' }]);
  });

  it('an entity without memories has an empty list', async () => {
    await service.client('POST /v1/runs/', { body: { run_id: 'r' } });

    const { status, body } = await service.client('GET /v1/memories/run/r/');

    expect([status, body]).toEqual([200, []]);
  });

  it('an unknown entity is 404', async () => {
    const { status, body } = await service.client('GET /v1/memories/run/nobody/');

    expect([status, body.code]).toEqual([404, 'entity_not_found']);
  });
});

describe('members', () => {
  const own = async (): Promise<string> => {
    const { org_id: org, project_id: project } = (await service.client('GET /v1/ping/')).body;
    return `/api/v1/orgs/organizations/${org}/projects/${project}`;
  };

  it('the project and the organization have one member, the owner', async () => {
    const project = await own();
    const organization = project.replace(/\/projects.*/, '');

    const lists = [
      await service.client(`GET ${project}/members/`),
      await service.client(`GET ${organization}/members/`),
    ];

    for (const { status, body } of lists)
      expect([status, body]).toEqual([
        200,
        {
          members: [
            { user_id: 'turnstone', username: 'turnstone', email: 'turnstone', role: 'OWNER' },
          ],
        },
      ]);
  });

  it('the members of another organization are not found', async () => {
    const path = (await own()).replace(/org_\w+/, 'org_other');

    expect((await service.client(`GET ${path}/members/`)).status).toBe(404);
  });

  it.each([
    ['POST', '/members/', /API key of their own/],
    ['PUT', '/members/', /API key of their own/],
    ['DELETE', '/members/?email=a%40b', /API key of their own/],
    ['DELETE', '/', /npm run keys/],
  ])('%s of the project%s is 501 and says what to do instead', async (method, path, sentence) => {
    const { status, body } = await service.client(`${method} ${await own()}${path}`);

    expect([status, body.code]).toEqual([501, 'not_supported']);
    expect(body.detail).toMatch(sentence);
  });
});
