import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type MemoryService, openMemoryService } from '../../support/memory-service.ts';
import { forgetting, rewriting } from '../../support/scripted-model.ts';

let service: MemoryService;
beforeEach(async () => {
  service = await openMemoryService();
});
afterEach(() => service.close());

const berlin = 'Alice lives in Berlin.';
const lisbon = 'Alice lives in Lisbon.';

/** A memory of January 2024 that a turn of January 2025 updated. Returns its id. */
const moved = async (): Promise<string> => {
  service.model.next(rewriting('nothing', berlin));
  const memory = await service.learn('I live in Berlin.', { timestamp: '2024-01-01T00:00:00Z' });
  service.model.next(rewriting('Berlin', lisbon));
  await service.learn('I moved from Berlin to Lisbon.', { timestamp: '2025-01-01T00:00:00Z' });
  return memory;
};

/** A memory of January 2024 that a turn of January 2025 took back. Returns its id. */
const retracted = async (): Promise<string> => {
  service.model.next(rewriting('nothing', 'Alice owns a cat.'));
  const memory = await service.learn('I own a cat.', { timestamp: '2024-01-01T00:00:00Z' });
  service.model.next(forgetting('cat'));
  await service.learn('The cat is gone.', { timestamp: '2025-01-01T00:00:00Z' });
  return memory;
};

const withoutMessages = { include_messages: false };
const where = 'Where does Alice live?';

describe('an update by a turn', () => {
  it('the former text is kept as a version that says since when, until when and what replaced it', async () => {
    const memory = await moved();

    const { body } = await service.get(`${memory}.v1`);

    expect(body).toMatchObject({
      id: `${memory}.v1`,
      memory: berlin,
      type: 'refined',
      lifecycle_state: 'superseded',
      replaced_by: memory,
      valid_from: '2024-01-01T00:00:00.000Z',
      valid_until: '2025-01-01T00:00:00.000Z',
    });
  });

  it('the memory itself is active and names no end', async () => {
    const memory = await moved();

    const { body } = await service.get(memory);

    expect(body).toMatchObject({ id: memory, memory: lisbon, lifecycle_state: 'active' });
    expect(body).not.toHaveProperty('valid_until');
  });

  it('each update by a turn keeps one more version', async () => {
    const memory = await moved();
    service.model.next(rewriting('Lisbon', 'Alice lives in Porto.'));
    await service.learn('From Lisbon and Faro to Porto.', { timestamp: '2025-06-01T00:00:00Z' });

    const versions = [await service.get(`${memory}.v1`), await service.get(`${memory}.v2`)];

    expect(versions.map(({ body }) => body.memory)).toEqual([berlin, lisbon]);
  });

  it('an edit through the API keeps no version, but the edited text is kept by the next turn', async () => {
    const memory = await moved();
    await service.put(memory, { text: 'Alice lives in Faro.' });
    service.model.next(rewriting('Faro', 'Alice lives in Porto.'));
    await service.learn('From Lisbon and Faro to Porto.');

    const edited = await service.get(`${memory}.v2`);
    const replaced = await service.get(`${memory}.v3`);

    expect(edited.status).toBe(404);
    expect(replaced.body.memory).toBe('Alice lives in Faro.');
  });
});

describe('a search for what is no longer true', () => {
  it('a search and a list show what is true now', async () => {
    await moved();
    await retracted();

    const found = await service.textsFound('Alice Berlin Lisbon cat', withoutMessages);
    const listed = await service.listed();

    expect(found).toEqual([lisbon]);
    expect(listed.map(({ memory }) => memory)).toEqual([lisbon]);
  });

  it.each([
    ['before it was said', '2023-12-31T23:59:59Z', []],
    ['from then on', '2024-01-01T00:00:00Z', [berlin]],
    ['until it was replaced', '2024-12-31T23:59:59Z', [berlin]],
    ['from the replacement on', '2025-01-01T00:00:00Z', [lisbon]],
  ])('at_time shows what was true %s', async (_, at_time, expected) => {
    await moved();

    const found = await service.textsFound(where, { ...withoutMessages, at_time });
    const listed = await service.listed({ at_time });

    expect(found).toEqual(expected);
    expect(listed.map(({ memory }) => memory)).toEqual(expected);
  });

  it('include_expired shows all that ever was true', async () => {
    const memory = await moved();
    const cat = await retracted();

    const found = await service.found('Alice Berlin Lisbon cat', {
      ...withoutMessages,
      include_expired: true,
    });
    const listed = await service.listed({ include_expired: true });

    const states = (results: { id: string; lifecycle_state?: string }[]) =>
      Object.fromEntries(results.map(({ id, lifecycle_state }) => [id, lifecycle_state]));
    const closed = { [`${memory}.v1`]: 'superseded', [cat]: 'retracted' };
    expect(states(found)).toEqual({ [memory]: undefined, ...closed });
    expect(states(listed)).toEqual({ [memory]: 'active', ...closed });
  });

  it('a question about the past finds what is no longer true', async () => {
    const memory = await moved();

    const found = await service.found('Where did Alice live before?', withoutMessages);

    expect(found.map(({ id }) => id).toSorted()).toEqual([memory, `${memory}.v1`]);
  });

  it('an at_time that is no time is refused', async () => {
    const { status, body } = await service.client('POST /v3/memories/search', {
      body: { query: 'x', filters: { user_id: 'alice' }, at_time: 'then' },
    });

    expect({ status, field: body.field }).toEqual({ status: 400, field: 'at_time' });
  });
});

describe('a change of what is no longer true', () => {
  it('a version cannot be edited or deleted', async () => {
    const memory = await moved();

    const edited = await service.put(`${memory}.v1`, { text: 'x' });
    const deleted = await service.remove(`${memory}.v1`);

    expect(edited).toMatchObject({ status: 409, body: { code: 'memory_closed' } });
    expect(deleted).toMatchObject({ status: 409, body: { code: 'memory_is_version' } });
  });

  it('a batch says so for each memory', async () => {
    const memory = await moved();
    const id = `${memory}.v1`;

    const edited = await service.client('PUT /v1/batch', {
      body: { memories: [{ memory_id: id, text: 'x' }] },
    });
    const deleted = await service.client('DELETE /v1/batch', {
      body: { memories: [{ memory_id: id }] },
    });

    expect(edited.body.results).toEqual([{ memory_id: id, outcome: 'closed' }]);
    expect(deleted.body.results).toEqual([{ memory_id: id, outcome: 'is_version' }]);
  });

  it('a deletion of the memory erases its versions and its history', async () => {
    const memory = await moved();

    await service.remove(memory);
    const found = await service.found('Alice Berlin Lisbon', { include_expired: true });
    const history = await service.history(memory);

    expect((await service.get(`${memory}.v1`)).status).toBe(404);
    expect(found).toEqual([]);
    expect(JSON.stringify(history.body)).not.toMatch(/Berlin|Lisbon/);
  });

  it('the history of a version is that of its memory', async () => {
    const memory = await moved();

    const history = await service.history(`${memory}.v1`);

    expect(history.body).toEqual((await service.history(memory)).body);
    expect(history.body.map(({ event }: { event: string }) => event)).toEqual([
      'ADD',
      'UPDATE',
      'UPDATE',
    ]);
  });

  it('a memory that was taken back cannot be edited, but deleted', async () => {
    const cat = await retracted();

    const got = await service.get(cat);
    const edited = await service.put(cat, { text: 'x' });
    const deleted = await service.remove(cat);

    expect(got.body).toMatchObject({
      id: cat,
      memory: 'Alice owns a cat.',
      lifecycle_state: 'retracted',
      replaced_by: null,
      valid_until: '2025-01-01T00:00:00.000Z',
    });
    expect(edited).toMatchObject({ status: 409, body: { code: 'memory_closed' } });
    expect(deleted.status).toBe(200);
    expect((await service.get(cat)).status).toBe(404);
    expect(await service.listed({ include_expired: true })).toEqual([]);
  });
});
