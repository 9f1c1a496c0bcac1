import { afterEach, beforeEach, expect, it } from 'vitest';
import { openService, say, type TestService } from '../support/in-memory-service.ts';

let service: TestService;
beforeEach(async () => {
  service = await openService();
});
afterEach(() => service.close());

const store = async (options: object = {}, content = 'I like tea'): Promise<string> => {
  const { body } = await service.client('POST /v3/memories/add/', {
    body: { ...say(content), infer: false, ...options },
  });
  return body.results[0].id;
};
const put = (id: string, text: string, key = 'edit-1') =>
  service.client(`PUT /v1/memories/${id}/`, {
    body: { text },
    headers: { 'Idempotency-Key': key },
  });
const updates = async (): Promise<number> =>
  (await service.client('GET /v1/events/?event_type=UPDATE')).body.count;

it('a repeated update with the same key is one edit, one entry of the history and one event', async () => {
  const id = await store();

  const [first, again] = [await put(id, 'I like mate'), await put(id, 'I like mate')];

  const history = await service.client(`GET /v1/memories/${id}/history/`);
  expect([first.status, again.status]).toEqual([200, 200]);
  expect(first.headers.get('idempotent-replayed')).toBeNull();
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(again.body).toMatchObject({ id, memory: 'I like mate' });
  expect(history.body).toHaveLength(2);
  expect(await updates()).toBe(1);
});

it('concurrent updates with the same key are one edit', async () => {
  const id = await store();

  const answers = await Promise.all(Array.from({ length: 5 }, () => put(id, 'I like mate')));

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(await updates()).toBe(1);
});

it('a repeat after another edit leaves that edit', async () => {
  const id = await store();
  await put(id, 'I like mate');
  await put(id, 'I like cocoa', 'edit-2');

  const { body } = await put(id, 'I like mate');

  expect(body.memory).toBe('I like cocoa');
});

it.each(['I like cocoa', 'I like tea'])(
  'the key of another update is refused with the text %s',
  async (text) => {
    const id = await store();
    await put(id, 'I like mate');

    const { status, body } = await put(id, text);

    expect([status, body.code]).toEqual([409, 'idempotency_key_reused']);
  },
);

it('the key of an add is refused', async () => {
  const { body } = await service.client('POST /v3/memories/add/', {
    body: { ...say('I like tea'), infer: false },
    headers: { 'Idempotency-Key': 'edit-1' },
  });

  expect((await put(body.results[0].id, 'I like mate')).status).toBe(409);
});

it('an update that is refused leaves its key free', async () => {
  const id = await store({ immutable: true });
  const refused = await put(id, 'I like mate');

  expect(refused.body.code).toBe('memory_immutable');
  expect((await put(await store({}, 'I like milk'), 'I like mate')).status).toBe(200);
});

it('a rough memory is corrected once', async () => {
  await service.close();
  service = await openService({ refines: false });
  const { body } = await service.client('POST /v1/turns', { body: say('I like tea') });

  const [first, again] = [await put(body.turn_id, 'Mate.'), await put(body.turn_id, 'Mate.')];

  expect([first.body.memory, again.body.memory]).toEqual(['user: Mate.', 'user: Mate.']);
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(await updates()).toBe(1);
});

it('a repeat after the deletion is 404', async () => {
  const id = await store();
  await put(id, 'I like mate');
  await service.client(`DELETE /v1/memories/${id}/`);

  expect((await put(id, 'I like mate')).status).toBe(404);
});

it('a key that is malformed is rejected', async () => {
  const { status, body } = await put(await store(), 'I like mate', 'a b');

  expect([status, body.field]).toEqual([400, 'Idempotency-Key']);
});
