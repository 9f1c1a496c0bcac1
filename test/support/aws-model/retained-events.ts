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
import type { Platform } from '../../../shared/ports/platform.ts';
import type { Step } from '../../../shared/ports/store.ts';
import { openService } from '../in-memory-service.ts';
import { assumed } from './assumptions.ts';
import { createCapacity } from './capacity.ts';
import { createTableItems } from './table-items.ts';
import { createTableService } from './table-service.ts';

/** The first hours of a month, so that a page reaches into the month before. */
const now = Date.UTC(2026, 10, 1, 2);
/** Events whose texts are there: pages show those of the newest alone. */
const withTexts = 200;
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

/** Items of an add as refinement leaves it, with one memory; `age`: number of the newer ones. */
const addedTurn = (
  { clock }: Pick<Platform, 'clock'>,
  project: string,
  { number, age }: { number: number; age: number },
): Step[] => {
  const createdAt = now - (age + 1) * intervalMs;
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
  if (age >= withTexts) return listed;
  return [
    ...listed,
    put(turnKey(project, id), turn),
    put(changesKey(project, eventId), { changes: [change] }),
    put(memoryKey(project, id), memory),
  ];
};

/** Opens the API on a modelled table with events of refined turns. Pages of events cost the same however many there are. */
export const openRetainedEvents = async (retained: number) => {
  const { clock, capacity, service: table, store } = openTable();
  const service = await openService({ store, clock, refines: false });
  const { id: project } = await getOrCreateProject(service.platform, 'default');
  const added = (number: number): Step[] => {
    const age = retained - number - 1;
    return addedTurn(service.platform, project, { number, age });
  };
  for (let first = 0; first < retained; first += perWrite) {
    const count = Math.min(perWrite, retained - first);
    await store.transact(Array.from({ length: count }, (_, at) => added(first + at)).flat());
  }
  // The key of the caller is cached.
  await service.client('GET /v1/ping/');

  return {
    service,
    /** Reads a page; with the read units and the requests that it took. */
    async read(path: string) {
      const requests = () => [...table.requests.values()].reduce((sum, count) => sum + count, 0);
      const [before, asked] = [capacity.total.readUnits, requests()];
      const { status, body } = await service.client(`GET ${path}`);
      if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`);
      const { next, count, results } = body;
      const units = capacity.total.readUnits - before;
      return { next, count, results, units, requests: requests() - asked };
    },
  };
};
