import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { z } from 'zod';
import { getOrCreateProject } from '../../shared/core/projects/projects.ts';
import { heapInUse } from '../support/fuzz/heap-in-use.ts';
import { openService } from '../support/in-memory-service.ts';
import { watchLoop } from '../support/loop-cpu.ts';
import { writeMemories } from './erase-data.ts';
import { scaleEmbedder } from './scale-local-embedder.ts';
import { queryOf } from './sentences.ts';
import { median } from './stats.ts';

// Measures one size for scale-local.ts in a process of its own, through the HTTP app.
const Order = z.object({ folder: z.string(), size: z.number(), isFirst: z.boolean() });
const { folder, size, isFirst } = Order.parse(JSON.parse(process.argv[2] ?? ''));
const rounds = 40;
const warmup = 5;
const pageSize = 100;

const options = { embedder: scaleEmbedder, telemetry: { log: () => {} } };
let service = await openService(options);

const ask = async (request: string, body?: object) => {
  const answer = await service.client(request, body ? { body } : {});
  if (answer.status !== 200) throw new Error(`${request}: ${JSON.stringify(answer.body)}`);
  return answer.body;
};
const user = `user-${size}`;
const search = async (i: number, of = user): Promise<void> => {
  const { results } = await ask('POST /v3/memories/search/', {
    query: queryOf(i),
    filters: { user_id: of },
  });
  if (of === user && results.length < 10) throw new Error('a search found too little');
};
const list = async (page: number, more: object = {}): Promise<void> => {
  const { results, count } = await ask(`POST /v3/memories/?page=${page}&page_size=${pageSize}`, {
    filters: {
      AND: [
        { user_id: user },
        ...Object.keys(more).map((key) => ({ [key]: more[key as keyof typeof more] })),
      ],
    },
  });
  if (results.length === 0 || count !== size)
    throw new Error(`a page listed ${results.length} of ${count}`);
};

const cpuMs = (): number => {
  const { user: own, system } = process.threadCpuUsage();
  return (own + system) / 1_000;
};

/** Medians of the time and of the event loop's CPU. */
const repeat = async (act: (i: number) => Promise<void>) => {
  const times: number[] = [];
  const cpu: number[] = [];
  for (let i = 0; i < warmup + rounds; i++) {
    const [at, before] = [performance.now(), cpuMs()];
    await act(i);
    if (i < warmup) continue;
    times.push(performance.now() - at);
    cpu.push(cpuMs() - before);
  }
  return { time: median(times), cpu: median(cpu) };
};

const timeOf = async (act: () => Promise<void>): Promise<number> => {
  const at = performance.now();
  await act();
  return performance.now() - at;
};

/** Resident bytes once unused memory was collected, as far as the process gives it back. */
const resident = async (): Promise<number> => {
  for (let i = 0; i < 3; i++) {
    heapInUse();
    await after(100);
  }
  return process.memoryUsage.rss();
};

/** Opens the data, and waits as long as a start takes to load embedded models: the thread of large scopes starts beside them. */
const openData = async (): Promise<void> => {
  await service.close();
  service = await openService({ ...options, path: join(folder, 'turnstone.db') });
  await service.platform.vectorIndex.warm?.();
  await after(1_000);
};

if (isFirst) {
  await openData();
  console.log(JSON.stringify({ firstSearch: await timeOf(() => search(0)) }));
  await service.close();
  process.exit();
}

// A service without data answers before it searches.
for (let i = 0; i < 200; i++) await search(i, 'nobody');
const empty = await resident();
// Five memories load the code of a search, and compile it.
const { id: project } = await getOrCreateProject(service.platform, 'default');
await writeMemories(service.platform, project, 'few', { count: 5, perTurn: 5 });
for (let i = 0; i < 200; i++) await search(i, 'few');
const used = await resident();
await openData();

const loop = watchLoop();
await search(0);
const searches = await repeat(search);
const iterationOfSearches = loop.longest();
const afterSearches = await resident();
// The collections of garbage that the measurement asks for do not count.
loop.longest();
const firstList = await timeOf(() => list(1));
const lists = await repeat(() => list(1));
const lastPage = Math.ceil(size / pageSize);
const deepLists = await repeat((i) => list(lastPage - (i % Math.min(lastPage, 5))));
const filtered = await repeat(() => list(1, { created_at: { gte: '2020-01-01' } }));

let slowest = 0;
let isOver = false;
const watching = (async () => {
  while (!isOver) {
    const at = performance.now();
    await ask('GET /v1/health');
    slowest = Math.max(slowest, performance.now() - at);
    await after(5);
  }
})();
await Promise.all([repeat(search), repeat(search), repeat(() => list(1))]);
isOver = true;
await watching;
const iteration = Math.max(iterationOfSearches, loop.longest());
await loop.close();
await service.close();

console.log(
  JSON.stringify({
    search: searches.time,
    searchCpu: searches.cpu,
    firstList,
    list: lists.time,
    listCpu: lists.cpu,
    deepList: deepLists.time,
    deepListCpu: deepLists.cpu,
    filteredList: filtered.time,
    health: slowest,
    iteration,
    resident: (afterSearches - used) / 1e6,
    residentAboveEmpty: (afterSearches - empty) / 1e6,
  }),
);
