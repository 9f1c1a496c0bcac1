import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { getOrCreateProject } from '../../shared/core/projects/projects.ts';
import { sweep } from '../../shared/core/sweep.ts';
import { isFinal } from '../../shared/domain/memory/event.ts';
import { eventKey } from '../../shared/domain/table/keys.ts';
import { dueItems } from '../support/due-items.ts';
import { plainEmbedder } from '../support/fake-models.ts';
import { openService } from '../support/in-memory-service.ts';
import { createJumpClock } from '../support/jump-clock.ts';
import { watchLoop } from '../support/loop-cpu.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { writeMemories } from './erase-data.ts';
import { writeRows } from './erase-floor.ts';
import { median, report } from './stats.ts';

// Deletions and edits of many memories through HTTP, on a file, with the consumers of both queues beside them.
const { values } = parseArgs({ options: { memories: { type: 'string', default: '48000' } } });
const all = Number(values.memories);
const inBatch = 1_000;
const perTurn = 2;
/** Rows that a deletion writes: tombstone, two revisions, outbox, two listings, then the tombstone once more. */
const rowsPerDeletion = 7;
/** Rows that an edit writes: memory, revision, outbox, two pointers. */
const rowsPerEdit = 5;

const folder = temporaryFolder();
const clock = createJumpClock();
const service = await openService({
  path: join(folder.path, 'bench.db'),
  embedder: plainEmbedder,
  telemetry: { log: () => {} },
  clock,
});
const { platform, client } = service;
const { id: project } = await getOrCreateProject(platform, 'default');

interface Measured {
  seconds: number;
  /** Of all threads, the consumers beside the measured work included. */
  cpu: number;
  /** CPU of the longest event loop iteration, ms. */
  iteration: number;
}

const measure = async (work: () => Promise<unknown>): Promise<Measured> => {
  const from = performance.now();
  const before = process.cpuUsage();
  const loop = watchLoop();
  await work();
  const seconds = (performance.now() - from) / 1_000;
  const { user, system } = process.cpuUsage(before);
  await loop.close();
  return {
    seconds,
    cpu: (user + system) / 1e6,
    iteration: loop.longest(),
  };
};

const ask = async (request: string, body?: object) => {
  const answer = await client(request, body ? { body } : {});
  if (answer.status !== 200) throw new Error(`${request} was answered ${answer.status}`);
  return answer.body;
};

const write = (user: string, count: number, each = perTurn): Promise<string[]> =>
  writeMemories(platform, project, user, { count, perTurn: each });

/** Waits until the outboxes and the index of what was done before have been worked on. */
const settle = async (): Promise<number> => {
  const before = process.cpuUsage();
  for (let minutes = 0; minutes < 3; minutes++) {
    for (;;) {
      const due = await dueItems(platform.store, { until: clock.now(), limit: 1 });
      if (due.length === 0) break;
      await sweep(platform);
      await clock.sleep(200);
    }
    clock.jump(61_000);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
};

const batch = async (method: 'PUT' | 'DELETE', ids: readonly string[], done: string) => {
  const memories = ids.map((id, i) => ({
    memory_id: id,
    ...(method === 'PUT' ? { text: `Bought another one for ${i} euros.` } : {}),
  }));
  const { message } = await ask(`${method} /v1/batch/`, { memories });
  if (message !== `Successfully ${done} ${ids.length} memories`) throw new Error(message);
};

const deleteAll = async (user: string): Promise<void> => {
  const { event_id: id } = await ask(`DELETE /v1/memories/?user_id=${user}`);
  for (;;) {
    const event = await platform.store.get(eventKey(project, id));
    if (event && isFinal(event.status)) {
      if (event.counts?.memories !== all) throw new Error(JSON.stringify(event));
      return;
    }
    await clock.sleep(20);
  }
};

const print = (
  name: string,
  { seconds, cpu, iteration }: Measured,
  target: string,
  { count, rows }: { count: number; rows: number },
): void => {
  const floor = writeRows(join(folder.path, 'floor.db'), count * rows);
  const each = ((seconds * 1_000) / count).toFixed(2);
  report(
    `erase, ${name}`,
    `${seconds.toFixed(2)} s, ${each} ms each, ${cpu.toFixed(2)} s of CPU, ${(seconds / floor).toFixed(1)} x the floor; event loop blocked ${iteration.toFixed(0)} ms at most`,
    target,
  );
};

const edited = await write('edited', inBatch);
await settle();
print(
  `batch update of ${inBatch}`,
  await measure(() => batch('PUT', edited, 'updated')),
  'at most 2 s, 50 ms',
  { count: inBatch, rows: rowsPerEdit },
);
await settle();

const deleted = await write('deleted', inBatch);
print(
  `batch delete of ${inBatch}`,
  await measure(() => batch('DELETE', deleted, 'deleted')),
  'at most 3 s, 50 ms',
  { count: inBatch, rows: rowsPerDeletion },
);
const background = await settle();
report('erase, work after a batch delete', `${background.toFixed(2)} s of CPU`, 'at most 3 s');

const siblings = await write('siblings', 500, 500);
const one = await measure(() => ask(`DELETE /v1/memories/${siblings[0]}/`));
report(
  'erase, one memory of a turn with 500',
  `${(one.seconds * 1_000).toFixed(0)} ms`,
  'at most 50 ms',
);
const deleteEach = (ids: readonly string[]) =>
  measure(async () => {
    for (const id of ids) await ask(`DELETE /v1/memories/${id}/`);
  });
const early = await deleteEach(siblings.slice(1, 101));
await deleteEach(siblings.slice(101, 400));
const late = await deleteEach(siblings.slice(400));
report(
  'erase, the other memories of the turn one after the other',
  `${(early.seconds * 10).toFixed(0)} ms each of the first 100, ${(late.seconds * 10).toFixed(0)} ms of the last 100; CPU ${(early.cpu * 10).toFixed(1)} ms and ${(late.cpu * 10).toFixed(1)} ms`,
  'no more CPU for the last than for the first',
);
await settle();

await write('everything', all);
print(
  `delete-all of ${all}`,
  await measure(() => deleteAll('everything')),
  'at most 60 s for 48000',
  { count: all, rows: rowsPerDeletion },
);
await settle();
const lists: number[] = [];
for (let i = 0; i < 20; i++) {
  const from = performance.now();
  await ask('POST /v3/memories/', { filters: { user_id: 'everything' } });
  lists.push(performance.now() - from);
}
report('erase, a list of the emptied user', `${median(lists).toFixed(1)} ms`, 'at most 10 ms');
await service.close();
folder.remove();
