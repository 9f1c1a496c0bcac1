import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { entityRecordKey } from '../../shared/domain/table/keys.ts';
import { finalEvent, openService, say, type TestService } from '../support/in-memory-service.ts';

let service: TestService;
beforeEach(async () => {
  service = await openService();
});
afterEach(() => service.close());

const list = async () => (await service.client('GET /v1/entities/')).body;

describe('an entity that is created before any add', () => {
  const create = (path: string, body: object) => service.client(`POST /v1/${path}/`, { body });

  it.each([
    ['users', 'user', { user_id: 'ana' }],
    ['agents', 'agent', { agent_id: 'ana' }],
    ['apps', 'app', { app_id: 'ana' }],
    ['runs', 'run', { run_id: 'ana' }],
  ])('POST /v1/%s creates a %s, which is listed', async (path, type, ids) => {
    const created = await create(path, { ...ids, metadata: { plan: 'free' } });

    const entity = { name: 'ana', type, total_memories: 0, metadata: { plan: 'free' } };
    expect(created).toMatchObject({ status: 201, body: entity });
    expect((await list()).results).toMatchObject([entity]);
    expect((await service.client(`GET /v2/entities/${type}/ana/`)).body).toMatchObject([entity]);
  });

  it('to create an entity again is no error, and keeps metadata unless new ones are given', async () => {
    const first = await create('users', { user_id: 'ana', metadata: { plan: 'free' } });
    const same = await create('users', { user_id: 'ana', name: 'Ana' });
    const other = await create('users', { user_id: 'ana', metadata: { plan: 'pro' } });

    expect(same.body).toEqual({ ...first.body, ignored: ['name'] });
    expect(other.body.metadata).toEqual({ plan: 'pro' });
    expect((await list()).count).toBe(1);
  });

  it('a created entity keeps its metadata when memories name it', async () => {
    await create('users', { user_id: 'ana', metadata: { plan: 'free' } });
    const { body } = await service.client('POST /v1/turns', { body: say('I like tea.', 'ana') });
    await finalEvent(service.client, body.event_id);

    expect((await list()).results).toMatchObject([
      { name: 'ana', total_memories: 1, metadata: { plan: 'free' } },
    ]);
  });

  it.each([
    ['the entity is deleted', '/v2/entities/user/ana/'],
    ['all users are deleted', '/v1/memories/?user_id=*'],
    ['everything is deleted', '/v1/memories/?user_id=*&agent_id=*&app_id=*&run_id=*'],
  ])('nothing is left of it once %s', async (_, path) => {
    await create('users', { user_id: 'ana', metadata: { plan: 'SECRET-PLAN' } });
    const answer = await service.client(`DELETE ${path}`);
    const listed = await list();
    await finalEvent(service.client, answer.body.event_id);

    const { project_id: project } = (await service.client('GET /v1/ping/')).body;
    const record = await service.platform.store.get(
      entityRecordKey(project, { kind: 'user', id: 'ana' }),
    );

    expect(listed.count).toBe(0);
    expect((await list()).count).toBe(0);
    expect(JSON.stringify(record ?? {})).not.toContain('SECRET-PLAN');
  });

  it.each([
    ['the entity', '/v2/entities/user/ana/'],
    ['all users', '/v1/memories/?user_id=*'],
  ])('an entity that is created after a deletion of %s stays', async (_, path) => {
    await create('users', { user_id: 'ana', metadata: { plan: 'free' } });
    const answer = await service.client(`DELETE ${path}`);
    await create('users', { user_id: 'ana', metadata: { plan: 'pro' } });
    const during = await list();
    await finalEvent(service.client, answer.body.event_id);

    for (const { results } of [during, await list()])
      expect(results).toMatchObject([{ name: 'ana', metadata: { plan: 'pro' } }]);
  });

  it('a narrower deletion leaves a created entity', async () => {
    await create('users', { user_id: 'ana', metadata: { plan: 'free' } });
    const { body } = await service.client(
      'DELETE /v1/memories/?user_id=ana&metadata=%7B%22a%22%3A1%7D',
    );
    await finalEvent(service.client, body.event_id);

    expect((await list()).results).toMatchObject([{ name: 'ana', metadata: { plan: 'free' } }]);
  });

  it.each([
    [{}, 'user_id is required.'],
    [{ user_id: '*' }, 'user_id must not be "*", which stands for any id.'],
    [{ user_id: ' ' }, 'user_id must not be blank.'],
    [{ user_id: 'ana', metadata: [] }, 'metadata must be an object.'],
    [
      { user_id: 'ana', metadata: { a: 'x'.repeat(2_000) } },
      'metadata must not be larger than 2000 bytes.',
    ],
  ])('a user of %j is rejected', async (body, sentence) => {
    const answer = await create('users', body);

    expect([answer.status, answer.body.detail]).toEqual([400, sentence]);
  });

  it('a key that may only write sees neither metadata nor numbers', async () => {
    await create('users', { user_id: 'ana', metadata: { plan: 'free' } });
    const writer = await service.clientOf('default', ['write']);

    const { body } = await writer('POST /v1/users/', { body: { user_id: 'ana' } });

    expect(body).toEqual({ id: 'ana', name: 'ana', type: 'user' });
  });
});
