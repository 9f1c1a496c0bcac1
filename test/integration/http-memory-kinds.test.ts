import { afterAll, beforeAll, expect, it } from 'vitest';
import { finalEvent, openService, say, type TestService } from '../support/in-memory-service.ts';
import { createScriptedModel, proposing } from '../support/scripted-model.ts';

const tea = 'User likes tea.';
const home = 'User lives in Lisbon.';
const trip = 'find_flight -> book: ask for the date first.';

let service: TestService;
beforeAll(async () => {
  const languageModel = createScriptedModel();
  service = await openService({ languageModel });
  languageModel.next(
    proposing(
      { turn: 0, type: 'ADD', text: tea, kind: 'preference' },
      { turn: 0, type: 'ADD', text: home },
      { turn: 0, type: 'ADD', text: trip, kind: 'tool' },
    ),
  );
  const { body } = await service.client('POST /v1/turns', {
    body: say('I like tea, I live in Lisbon, and I booked a flight'),
  });
  await finalEvent(service.client, body.event_id);
});
afterAll(() => service.close());

const filtered = async (kind: unknown) =>
  service.client('POST /v3/memories', { body: { filters: { user_id: 'alice', kind } } });
const listed = async (kind: unknown): Promise<string[]> =>
  (await filtered(kind)).body.results.map(({ memory }: { memory: string }) => memory).toSorted();

it('a list shows the kind of each memory, and a memory without one is a fact', async () => {
  const { body } = await service.client('POST /v3/memories', {
    body: { filters: { user_id: 'alice' } },
  });

  const kinds = new Map(
    body.results.map((one: { memory: string; kind: string }) => [one.memory, one.kind]),
  );
  expect(kinds).toEqual(
    new Map([
      [tea, 'preference'],
      [home, 'fact'],
      [trip, 'tool'],
    ]),
  );
});

it('a filter by kind narrows a list to that kind, to one of several, or to all others', async () => {
  expect(await listed('preference')).toEqual([tea]);
  expect(await listed('fact')).toEqual([home]);
  expect(await listed({ in: ['tool', 'fact'] })).toEqual([home, trip].toSorted());
  expect(await listed(['preference'])).toEqual([tea]);
  expect(await listed({ ne: 'tool' })).toEqual([home, tea].toSorted());
});

it('a search finds memories of the kind that its filter names, and no others', async () => {
  const search = async (filters: object) => {
    const body = { query: 'What does the user like?', filters: { user_id: 'alice', ...filters } };
    const { results } = (await service.client('POST /v3/memories/search', { body })).body;
    return results.map(({ memory, kind }: { memory: string; kind?: string }) => [memory, kind]);
  };

  expect(await search({ kind: 'preference' })).toEqual([[tea, 'preference']]);
  expect(await search({ NOT: [{ kind: 'fact' }, { kind: 'tool' }] })).toEqual([
    [tea, 'preference'],
  ]);
});

it('the refusal of an unknown kind names the kinds that there are', async () => {
  const { status, body } = await filtered('skill');

  expect(status).toBe(400);
  expect(JSON.stringify(body)).toContain('filters.kind must be one of fact, preference, tool.');
});
