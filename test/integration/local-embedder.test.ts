import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createLocalEmbedder,
  type LocalEmbedder,
} from '../../shared/adapters/local-embedder/local-embedder.ts';
import { cosine } from '../../shared/domain/memory/vector.ts';

const fakeWorker = new URL('../support/fake-embedding-worker.ts', import.meta.url);
const embedderFile = new URL(
  '../../shared/adapters/local-embedder/local-embedder.ts',
  import.meta.url,
);

const open: LocalEmbedder[] = [];
afterEach(async () => {
  for (const embedder of open.splice(0)) await embedder.close();
});

const start = (workerFile: URL = fakeWorker): LocalEmbedder => {
  const embedder = createLocalEmbedder({ workerFile });
  open.push(embedder);
  return embedder;
};

const unavailable = { name: 'RetryableError', code: 'embedder_unavailable' };

describe('the thread of the embedded embedder', () => {
  it.each(['exit', 'throw'])('a dead thread is started again: %s', async (text) => {
    const embedder = start();
    const [before] = await embedder.embed(['first']);

    const waiting = [embedder.embed([text]), embedder.embed(['with it'])];
    for (const call of waiting) await expect(call).rejects.toMatchObject(unavailable);
    const [after] = await embedder.embed(['next']);

    expect(after?.[0]).not.toBe(before?.[0]);
  });

  it('a thread that cannot load is started again by every call, and `warm` never rejects', async () => {
    const embedder = start(new URL('./no-such-worker.ts', import.meta.url));

    await embedder.warm();

    await expect(embedder.embed(['one'])).rejects.toMatchObject(unavailable);
    await expect(embedder.embed(['two'])).rejects.toMatchObject(unavailable);
  });

  it('`close` ends the thread and rejects pending calls', async () => {
    const embedder = start();
    const waiting = expect(embedder.embed(['hang'])).rejects.toMatchObject(unavailable);
    await new Promise((resolve) => setTimeout(resolve, 200));

    await embedder.close();

    await waiting;
    await expect(embedder.embed(['more'])).rejects.toMatchObject(unavailable);
  });

  it('an idle thread does not keep the process alive', async () => {
    const script = `
      import { createLocalEmbedder } from ${JSON.stringify(embedderFile.href)};
      const embedder = createLocalEmbedder({ workerFile: new URL(${JSON.stringify(fakeWorker.href)}) });
      await embedder.embed(['one']);
      process.stdout.write('done');`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      timeout: 20_000,
    });

    const output = child.stdout.toArray();
    const [code] = await once(child, 'exit');

    expect(code).toBe(0);
    expect((await output).join('')).toBe('done');
  });
});

describe('the embedded model', () => {
  it('the embedded model ranks the memory that answers a question in other words first, off the main thread', async () => {
    const embedder = start(new URL('./worker.ts', embedderFile));
    await embedder.warm();
    let ticks = 0;
    const ticking = setInterval(() => {
      ticks += 1;
    }, 5);

    const [question = [], ...memories] = await embedder.embed([
      'What does the user do for a living?',
      'User works as a nurse at the city hospital.',
      'User has two cats and a parrot.',
      'User flew to Japan in March.',
      ...Array.from({ length: 40 }, (_, i) => `User bought ${i} books about gardening.`),
    ]);
    clearInterval(ticking);

    const scores = memories.map((memory) => cosine(question, memory));
    expect(scores.indexOf(Math.max(...scores))).toBe(0);
    // Inference on the main thread would allow one tick per batch at most.
    expect(ticks).toBeGreaterThan(10);
  });

  it('the end of a long text counts as much as its start', async () => {
    const embedder = start(new URL('./worker.ts', embedderFile));
    const filler = 'The weather report said that the rain would go on for some days. '.repeat(20);

    const [question = [], long = [], ...fillers] = await embedder.embed([
      'Which instrument does she play?',
      `${filler} She plays the cello in an orchestra. She practises the cello daily.`,
      filler,
      `She plays the cello in an orchestra. She practises the cello daily. ${filler}`,
    ]);

    const [without = 0, atStart = 0] = fillers.map((vector) => cosine(question, vector));
    expect(Math.hypot(...long)).toBeCloseTo(1, 4);
    expect(cosine(question, long)).toBeGreaterThan(without + 0.05);
    expect(cosine(question, long)).toBeCloseTo(atStart, 1);
  });

  it('a query does not wait for a bulk write', async () => {
    const embedder = start(new URL('./worker.ts', embedderFile));
    const bulk = Array.from({ length: 40 }, (_, i) => `User bought ${i} books about gardening.`);
    const order: string[] = [];
    const calls = [embedder.embed(bulk).then(() => order.push('bulk'))];

    for (const priority of ['add', 'query'] as const)
      calls.push(embedder.embed([priority], { priority }).then(() => order.push(priority)));
    await Promise.all(calls);

    expect(order).toEqual(['query', 'add', 'bulk']);
  });
});
