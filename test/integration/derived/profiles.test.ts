import { afterEach, describe, expect, it } from 'vitest';
import { createFillingModel } from '../../support/filling-model.ts';
import {
  type Client,
  finalEvent,
  openService,
  say,
  type TestService,
} from '../../support/in-memory-service.ts';

let service: TestService | undefined;
afterEach(() => service?.close());

type Options = Parameters<typeof openService>[0];

const open = async (options: Options = {}): Promise<Client> => {
  service = await openService(options);
  return service.clientOf('default', ['read', 'write', 'admin']);
};

const remember = async (client: Client, text: string, user = 'alice') => {
  const body = { ...say(text, user), infer: false };
  return (await client('POST /v3/memories/add/', { body })).body.results[0].id;
};

const profileOf = async (client: Client, user = 'alice') =>
  (await client(`GET /v2/entities/user/${user}/profile/`)).body;

const trigger = (client: Client, user = 'alice', headers = {}) =>
  client('POST /v2/profiles/jobs/', {
    body: { operation: 'trigger', entity_type: 'user', entity_id: user },
    headers,
  });

const settled = async (client: Client, user = 'alice') => {
  await expect.poll(async () => (await profileOf(client, user)).status).not.toBe('pending');
  return profileOf(client, user);
};

describe('profiles', () => {
  it('the first read of a profile starts its generation, without a model by category', async () => {
    const client = await open();
    await remember(client, 'I like tea.');
    await remember(client, 'The boat is blue.');

    const first = await profileOf(client);
    const profile = await settled(client);

    expect(first).toEqual({
      profile: {},
      status: 'pending',
      entity_type: 'user',
      entity_id: 'alice',
      updated_at: null,
      generation_count: 0,
      error: null,
    });
    expect(profile).toMatchObject({
      profile: { food: ['I like tea.'], other: ['The boat is blue.'] },
      status: 'succeeded',
      generation_count: 1,
    });
    expect(Date.parse(profile.updated_at)).not.toBeNaN();
  });

  it('the profile of an unknown entity is a 404', async () => {
    const client = await open();

    const { status, body } = await client('GET /v2/entities/user/stranger/profile/');

    expect({ status, code: body.code }).toEqual({ status: 404, code: 'entity_not_found' });
  });

  it('an entity whose memories were all deleted has not enough data', async () => {
    const client = await open();
    const id = await remember(client, 'I like tea.');
    await client(`DELETE /v1/memories/${id}/`);

    expect((await profileOf(client)).status).toBe('insufficient_data');
  });

  it('the id of an entity in the path may have slashes', async () => {
    const client = await open();
    await remember(client, 'I like tea.', 'team/ann');

    const { body } = await client('GET /v2/entities/user/team%2Fann/profile/');

    expect(body).toMatchObject({ status: 'pending', entity_id: 'team/ann' });
  });

  it('a job generates a profile again by the schema of the settings, and reports its outcome', async () => {
    const client = await open();
    await remember(client, 'The favourite drink is green tea.');
    const schema = {
      type: 'object',
      properties: { favouriteDrink: { type: 'string', description: 'favourite drink' } },
    };
    const { status: changed } = await client('POST /v2/profiles/settings/', {
      body: { entities: { user: { schema, custom_instructions: 'Be brief.' } } },
    });

    const { status, body } = await trigger(client);
    await finalEvent(client, body.event_id);

    expect(changed).toBe(200);
    expect(status).toBe(202);
    expect(body).toEqual({
      job_id: body.event_id,
      status: 'pending',
      status_url: `/v2/profiles/jobs/${body.job_id}/`,
      operation: 'trigger',
      entity_type: 'user',
      entity_count_reserved: 1,
      event_id: expect.any(String),
      replayed: false,
    });
    expect((await client(`GET ${body.status_url}`)).body.job).toEqual({
      id: body.job_id,
      operation: 'trigger',
      entity_type: 'user',
      status: 'succeeded',
      total: 1,
      enumeration_complete: true,
      completed: 1,
      succeeded: 1,
      failed: 0,
      skipped: 0,
    });
    expect((await profileOf(client)).profile).toEqual({
      favouriteDrink: 'green tea',
    });
  });

  it('a request with the same Idempotency-Key finds the first job, and another request is a 409', async () => {
    const client = await open();
    await remember(client, 'I like tea.');
    await remember(client, 'I like tea.', 'bob');
    const key = { 'Idempotency-Key': '0199f3c1-5a10-7c2e-8d4b-1f6a90b3c709' };

    const first = await trigger(client, 'alice', key);
    const again = await trigger(client, 'alice', key);
    const other = await trigger(client, 'bob', key);

    expect(again.body).toMatchObject({ job_id: first.body.job_id, replayed: true });
    expect(again.status).toBe(202);
    expect(other).toMatchObject({ status: 409, body: { code: 'idempotency_key_reused' } });
  });

  it('a sample generates the profiles of the newest entities', async () => {
    const client = await open();
    for (const user of ['ann', 'bob', 'cid']) await remember(client, 'I like tea.', user);

    const { body } = await client('POST /v2/profiles/jobs/', {
      body: { operation: 'sample', entity_type: 'user', limit: 2 },
    });
    await finalEvent(client, body.event_id);

    expect(body).toMatchObject({ operation: 'sample', sampled: 2, entity_ids: ['cid', 'bob'] });
    expect((await client(`GET ${body.status_url}`)).body.job).toMatchObject({
      total: 2,
      succeeded: 2,
    });
    expect((await profileOf(client, 'bob')).status).toBe('succeeded');
  });

  it('settings that are not given stay as they are, and null restores the default', async () => {
    const client = await open();
    const schema = { properties: { a_b: { type: 'string' } } };
    const send = async (body: object) =>
      (await client('POST /v2/profiles/settings/', { body })).body;

    await send({ entities: { user: { schema, custom_instructions: 'x' } } });
    const kept = await send({ enabled: false });
    const removed = await send({ entities: { user: { schema: null } } });

    expect(kept).toMatchObject({
      enabled: false,
      entities: { user: { schema, custom_instructions: 'x' } },
      capabilities: { full_rebuild: false },
    });
    expect(removed.entities.user).toEqual({ schema: null, custom_instructions: 'x' });
    expect((await client('GET /v2/profiles/settings/')).body).toEqual(removed);
  });

  it('where profiles are turned off they are not generated, and a read says so', async () => {
    const client = await open();
    await remember(client, 'I like tea.');
    await client('POST /v2/profiles/settings/', { body: { enabled: false } });

    const job = await trigger(client);

    expect(job).toMatchObject({ status: 409, body: { code: 'profiles_not_enabled' } });
    expect((await profileOf(client)).status).toBe('not_enabled');
  });

  it.each([
    [{ schema: { properties: {} } }, 'schema', 'Unsupported settings'],
    [{ schema: null }, 'schema', 'Unsupported settings'],
    [{ custom_instructions: null }, 'custom_instructions', 'Unsupported settings'],
    [
      { entities: { user: { schema: { type: 'array' } } } },
      'entities.user.schema',
      'must describe',
    ],
    [{ entities: { robot: {} } }, 'entities.robot', 'is not a known field'],
    [{ enabled: 'yes' }, 'enabled', 'must be true or false'],
  ])('the settings %j are refused', async (body, field, sentence) => {
    const client = await open();

    const { status, body: answer } = await client('POST /v2/profiles/settings/', { body });

    expect({ status, field: answer.field }).toEqual({ status: 400, field });
    expect(answer.detail).toContain(sentence);
  });

  it.each([
    [{ operation: 'rebuild', entity_type: 'user' }, 'operation'],
    [{ operation: 'trigger', entity_type: 'robot', entity_id: 'x' }, 'entity_type'],
    [{ operation: 'sample', entity_type: 'user', limit: 11 }, 'limit'],
  ])('the job %j is refused', async (body, field) => {
    const client = await open();

    const { status, body: answer } = await client('POST /v2/profiles/jobs/', { body });

    expect({ status, field: answer.field }).toEqual({ status: 400, field });
  });

  it('a model that gives no usable answer leaves the profile failed, and a new job succeeds', async () => {
    const model = createFillingModel();
    const client = await open({ languageModel: model });
    await remember(client, 'I like tea.');

    await finalEvent(client, (await trigger(client)).body.event_id);
    const failed = await profileOf(client);
    model.fills({ summary: 'Likes tea.', facts: ['Likes tea.', 7], plans: null });
    await finalEvent(client, (await trigger(client)).body.event_id);

    expect(failed).toMatchObject({
      status: 'failed',
      error: 'The language model gave no usable answer.',
    });
    expect((await profileOf(client)).profile).toEqual({
      summary: 'Likes tea.',
      facts: ['Likes tea.', '7'],
      preferences: [],
      plans: [],
    });
  });
});

describe('summaries', () => {
  it('without a model a summary has the words of the memories, by category, newest first', async () => {
    const client = await open();
    await remember(client, 'I like tea.');
    await remember(client, 'The boat is blue.');
    await remember(client, 'I like coffee.');

    const { status, body } = await client('POST /v1/summary/', {
      body: { filters: { user_id: 'alice' } },
    });

    expect({ status, body }).toEqual({
      status: 200,
      body: { summary: 'food: I like coffee. I like tea.\nother: The boat is blue.' },
    });
  });

  it('a model summarizes, and when it fails the words of the memories stand in', async () => {
    const model = createFillingModel();
    const client = await open({ languageModel: model });
    await remember(client, 'I like tea.');
    const ask = () => client('POST /v1/summary/', { body: { filters: { user_id: 'alice' } } });
    model.fills({ summary: 'Alice likes tea.' });

    const good = await ask();
    const bad = await ask();

    expect(good.body).toEqual({ summary: 'Alice likes tea.' });
    expect(bad.body).toEqual({ summary: 'food: I like tea.', degraded: ['model'] });
    expect(bad.headers.get('turnstone-degraded')).toBe('model');
  });

  it('a summary of no memories is empty, and needs a filter that names an entity', async () => {
    const client = await open();

    const empty = await client('POST /v1/summary/', { body: { filters: { user_id: 'nobody' } } });
    const unscoped = await client('POST /v1/summary/', { body: {} });

    expect(empty.body).toEqual({ summary: '' });
    expect(unscoped.status).toBe(400);
  });
});
