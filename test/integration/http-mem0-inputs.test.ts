import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openService, type TestService } from '../support/in-memory-service.ts';

let service: TestService;
beforeAll(async () => {
  service = await openService();
});
afterAll(() => service.close());

const messages = [{ role: 'user', content: 'I like tea.' }];
const add = (body: object) =>
  service.client('POST /v3/memories/add/', { body: { messages, infer: false, ...body } });
const stored = async (body: object) => {
  const added = await add(body);
  expect(added).toMatchObject({ status: 200 });
  return (await service.client(`GET /v1/memories/${added.body.results[0].id}/`)).body;
};

describe('an integer as an id', () => {
  it('an integer id is the id of its digits, in adds, filters and lists', async () => {
    await stored({ user_id: 42 });
    const find = (filters: object) => service.client('POST /v3/memories/', { body: { filters } });

    for (const filters of [
      { user_id: 42 },
      { user_id: '42' },
      { user_id: { in: [7, 42] } },
      { user_id: { eq: 42 } },
    ])
      expect((await find(filters)).body.results).toMatchObject([{ user_id: '42' }]);
    expect((await service.client('GET /v1/memories/?user_id=42')).body).toHaveLength(1);
    const search = { query: 'tea', user_id: 42 };
    expect((await service.client('POST /v2/memories/search/', { body: search })).body).toHaveLength(
      1,
    );
  });
});

describe('an id that is ambiguous', () => {
  it('a number that JSON does not hold exactly is refused with the reason', async () => {
    const { status, body } = await service.client('POST /v3/memories/add/', {
      body: { messages: [{ role: 'user', content: 'I like tea.' }], user_id: 2 ** 60 },
    });

    expect([status, body.code, body.field]).toEqual([400, 'invalid_request', 'user_id']);
    expect(body.detail).toContain('is not exact in JSON');
  });

  it('an id that is given twice in a query string is refused', async () => {
    const { status, body } = await service.client('GET /v1/memories/?user_id=a&user_id=b');

    expect([status, body.field]).toEqual([400, 'user_id']);
  });
});

describe('ids in the filters of an add', () => {
  it('ids of the filters count where the body has none', async () => {
    const filters = { user_id: 'f', agentId: 9, run_id: { in: ['x'] }, created_at: 'any' };

    expect(await stored({ user_id: 'u', filters })).toMatchObject({
      user_id: 'u',
      agent_id: '9',
      run_id: null,
    });
    expect(await stored({ filters })).toMatchObject({ user_id: 'f', agent_id: '9' });
  });

  it.each([{ user_id: ' ' }, { user_id: '*' }])(
    'ids %j of the filters are rejected',
    async (filters) => {
      expect(await add({ filters })).toMatchObject({
        status: 400,
        body: { field: 'filters.user_id' },
      });
    },
  );

  it.each([null, 'x', [], {}, { AND: [] }])('filters %j alone name no entity', async (filters) => {
    expect(await add({ filters })).toMatchObject({ status: 400, body: { field: 'user_id' } });
  });
});

describe('the time of an add', () => {
  it.each<[object, string]>([
    [{ timestamp: 1_700_000_000 }, '2023-11-14T22:13:20.000Z'],
    [{ timestamp: '1700000000' }, '2023-11-14T22:13:20.000Z'],
    [{ timestamp: '1700000000.5' }, '2023-11-14T22:13:20.500Z'],
    [{ timestamp: '2023-11-14T22:13:20+0000' }, '2023-11-14T22:13:20.000Z'],
    [{ timestamp: '2023-11-14T22:13:20+05:30' }, '2023-11-14T16:43:20.000Z'],
    [{ timestamp: '2023-11-14T22:13:20-0800' }, '2023-11-15T06:13:20.000Z'],
    [{ timestamp: '2023-11-14T22:13:20+01' }, '2023-11-14T21:13:20.000Z'],
    [{ observation_datetime: '2023-07-01T12:00' }, '2023-07-01T12:00:00.000Z'],
    [
      { observation_datetime: '2023-07-01T12:00', timezone: 'Europe/Berlin' },
      '2023-07-01T10:00:00.000Z',
    ],
    [
      { observation_datetime: '2023-01-01T12:00', timezone: 'Asia/Kolkata' },
      '2023-01-01T06:30:00.000Z',
    ],
    [
      { observation_datetime: '2023-03-12T03:30', timezone: 'America/New_York' },
      '2023-03-12T07:30:00.000Z',
    ],
    [{ observation_date: '2023-07-01', timezone: 'Asia/Tokyo' }, '2023-06-30T15:00:00.000Z'],
    [
      { observation_datetime: '2023-07-01T12:00Z', timezone: 'Europe/Berlin' },
      '2023-07-01T12:00:00.000Z',
    ],
    [{ timestamp: 1_700_000_000, timezone: 'Asia/Tokyo' }, '2023-11-14T22:13:20.000Z'],
  ])('an add with %j took place at %s', async (times, expected) => {
    expect(await stored({ user_id: JSON.stringify(times), ...times })).toMatchObject({
      created_at: expected,
    });
  });

  it.each(['Mars/Olympus', '', 'x'.repeat(65), 7])(
    'the time zone %j is rejected',
    async (timezone) => {
      const answer = await add({ user_id: 'clock', timezone });

      expect(answer).toMatchObject({ status: 400, body: { field: 'timezone' } });
    },
  );

  it.each(['99999999', '2023-11-14T22:13+25:00', '2023-11-14T22:13 Europe', '1e9'])(
    'the time %j is rejected',
    async (timestamp) => {
      expect(await add({ user_id: 'clock', timestamp })).toMatchObject({ status: 400 });
    },
  );
});
