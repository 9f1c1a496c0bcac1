import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDynamoDbStore } from '../../../shared/adapters/dynamodb/store.ts';
import { createIds } from '../../../shared/adapters/system/ids.ts';
import { getOrCreateProject } from '../../../shared/core/projects/projects.ts';
import { newMemory } from '../../../shared/core/refine/memory-versions.ts';
import { put } from '../../../shared/core/steps.ts';
import { scopeOf } from '../../../shared/domain/memory/entities.ts';
import type { Event } from '../../../shared/domain/memory/event.ts';
import type { Turn } from '../../../shared/domain/memory/turn.ts';
import {
  changesKey,
  eventKey,
  eventListing,
  memoryKey,
  turnKey,
} from '../../../shared/domain/table/keys.ts';
import type { Step } from '../../../shared/ports/store.ts';
import { assumed } from '../../support/aws-model/assumptions.ts';
import { createCapacity } from '../../support/aws-model/capacity.ts';
import { createTableItems } from '../../support/aws-model/table-items.ts';
import { createTableService } from '../../support/aws-model/table-service.ts';
import { openService } from '../../support/in-memory-service.ts';

/** The first hours of a month, so that a page reaches into the month before. */
const now = Date.UTC(2026, 10, 1, 2);
/** Events of the project, more than page numbers cover. Further ones make no difference to a page. */
const retained = 12_000;
const intervalMs = 20_000;
const users = 50;
const perWrite = 25;
const unlimited = Number.MAX_SAFE_INTEGER;

/** A table of the model without limits of throughput, under a clock that stands still. */
const openTable = () => {
  const clock = {
    now: () => now,
    sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
  };
  const limits = {
    ...assumed.table,
    readUnitsPerKey: unlimited,
    writeUnitsPerKey: unlimited,
    firstWriteUnits: unlimited,
    maxWriteUnits: unlimited,
  };
  const capacity = createCapacity(clock.now, limits);
  const service = createTableService({
    items: createTableItems(),
    capacity,
    sleep: async () => {},
    sample: () => 0,
    latencies: assumed.table,
  });
  const client = service.client();
  const store = createDynamoDbStore({ client, table: 'model', clock, ids: createIds(clock) });
  return { clock, capacity, service, store };
};

const { clock, capacity, service: table, store } = openTable();

/** Items of an add as refinement leaves it, with one memory. */
const addedTurn = (project: string, number: number): Step[] => {
  const createdAt = now - (retained - number) * intervalMs;
  const ids = createIds({ ...clock, now: () => createdAt });
  const [id, eventId] = [ids.next(), ids.next()];
  const entities = { user: `user-${number % users}` };
  const text = `I moved to town ${number} last week and like it there.`;
  const turn: Turn = {
    id,
    project,
    event: eventId,
    scope: scopeOf(entities),
    entities,
    messages: [{ role: 'user', content: text }],
    metadata: {},
    options: { infer: true },
    createdAt,
    observedAt: createdAt,
    state: 'applied',
    plan: ids.next(),
    memoryIds: [id],
    drawn: { 0: { [id]: 1 } },
  };
  const event: Event = {
    id: eventId,
    project,
    kind: 'ADD',
    status: 'SUCCEEDED',
    stage: 'finished',
    entities,
    turn: id,
    attempts: 1,
    timings: { retrieve: 12, model: 1_200 },
    tokens: { prompt: 1_400, completion: 60 },
    model: 'gpt-4.1-mini',
    promptVersion: '2026-10',
    createdAt,
    updatedAt: createdAt + 2_000,
    startedAt: createdAt + 500,
    completedAt: createdAt + 2_000,
  };
  const change = { type: 'ADD', memory: id, text } as const;
  const memory = newMemory(turn, id, { text, source: 0, attributedTo: 'user' }, createdAt);
  const listed = [
    put(eventKey(project, eventId), { ...event, ...eventListing(project, eventId, createdAt) }),
  ];
  // The tests show the texts of the newest events alone.
  if (number < retained - 200) return listed;
  return [
    ...listed,
    put(turnKey(project, id), turn),
    put(changesKey(project, eventId), { changes: [change] }),
    put(memoryKey(project, id), memory),
  ];
};

const service = await openService({ store, clock, refines: false });
afterAll(() => service.close());
beforeAll(async () => {
  const { id } = await getOrCreateProject(service.platform, 'default');
  for (let number = 0; number < retained; number += perWrite)
    await store.transact(
      Array.from({ length: perWrite }, (_, i) => addedTurn(id, number + i)).flat(),
    );
  // The key of the caller is cached.
  await service.client('GET /v1/ping/');
});

/** Reads a page; with the read units and the requests that it took. */
const read = async (path: string) => {
  const requests = () => [...table.requests.values()].reduce((sum, count) => sum + count, 0);
  const [before, asked] = [capacity.total.readUnits, requests()];
  const { status, body } = await service.client(`GET ${path}`);
  expect(status, JSON.stringify(body)).toBe(200);
  const { next, count, results } = body;
  return {
    next,
    count,
    results,
    units: capacity.total.readUnits - before,
    requests: requests() - asked,
  };
};

it('a page of 100 events without their texts costs at most 60 read units, however many are retained', async () => {
  const first = await read('/v1/events/?texts=false');
  const second = await read(first.next);

  expect(first).toMatchObject({ count: 500, next: expect.stringContaining('after=') });
  expect(second).toMatchObject({ count: 600 });
  for (const { results, units } of [first, second]) {
    expect(results).toHaveLength(100);
    expect(units).toBeLessThanOrEqual(60);
  }
});

it('a page of 100 events with their texts costs at most four read units for each, besides those of the list', async () => {
  const { results, units, requests } = await read('/v1/events/');

  expect(results).toHaveLength(100);
  expect(results[0]).toMatchObject({
    payload: { messages: [{ role: 'user' }] },
    results: [{ event: 'ADD' }],
  });
  expect(units).toBeLessThanOrEqual(460);
  expect(requests).toBeLessThanOrEqual(60);
});

it('next links lead through all events once, beyond those that page numbers cover', async () => {
  const seen = new Set<string>();
  let pages = 0;
  let dearest = 0;
  for (let path = '/v1/events/?texts=false&page_size=200'; path; pages++) {
    const { results, next, units } = await read(path);
    for (const { id } of results) seen.add(id);
    dearest = Math.max(dearest, units);
    path = next;
  }

  expect(pages).toBe(retained / 200);
  expect(seen.size).toBe(retained);
  expect(dearest).toBeLessThanOrEqual(120);
});

it('the pages before are found by their numbers', async () => {
  const first = await read('/v1/events/?texts=false&page_size=10');
  const { body } = await service.client(`GET ${first.next}`);

  expect(body.previous).toBe('/v1/events/?texts=false&page_size=10&page=1');
});

it('a filter that few events match reads the newest 10,000, each once', async () => {
  const { results, count, units } = await read('/v1/events/?status=FAILED&texts=false');

  expect([results, count]).toEqual([[], 0]);
  expect(units).toBeLessThanOrEqual(1_000);
});
