import { afterEach, describe, expect, it } from 'vitest';
import {
  createClient,
  createMemory,
  type MemoryOperations,
  type ProcessingOptions,
  RefinementError,
  TimeoutError,
  ValidationError,
} from '../../../functions/library/index.ts';
import {
  converse,
  converseWithAutoProcess,
  finishConversation,
  processAndWait,
  processInBackground,
} from '../../examples/memory/processing.ts';
import { plainLanguageModel } from '../../support/fake-models.ts';
import { openService } from '../../support/in-memory-service.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

type Decide = typeof plainLanguageModel.decide;

/** Client of a service in memory, without a network. */
const openClient = async (options: ProcessingOptions = {}, decide?: Decide) => {
  const service = await openService({
    refineSchedule: [],
    ...(decide ? { languageModel: { ...plainLanguageModel, decide } } : {}),
  });
  cleanups.push(service.close);
  const memory = createClient({
    url: 'http://service.test',
    apiKey: await service.keyOf(),
    fetch: async (input, init) => service.app.request(String(input), init),
    ...options,
  });
  cleanups.push(memory.close);
  return { memory, service };
};

const openLocal = async (options: ProcessingOptions = {}) => {
  const folder = temporaryFolder();
  cleanups.push(folder.remove);
  const memory = await createMemory({ dataDir: folder.file('data'), ...options });
  cleanups.push(memory.close);
  return memory;
};

const kinds: readonly [
  kind: string,
  open: (options?: ProcessingOptions) => Promise<MemoryOperations>,
][] = [
  ['in process', openLocal],
  ['over HTTP', async (options) => (await openClient(options)).memory],
];

const typesOf = async (memory: MemoryOperations, userId = 'ana') => {
  const { results } = await memory.getAll({ userId });
  return [...new Set(results.map(({ type }) => type))];
};

describe.each(kinds)('processing %s', (_, open) => {
  it('exchanges wait until they are processed, and are found at once', async () => {
    const memory = await open();
    await converse(memory, 'ana');
    const { results } = await memory.search('where does she live?', { userId: 'ana' });

    expect(results[0]?.type).toBe('rough');
    expect(await typesOf(memory)).toEqual(['rough']);
  });

  it('process resolves with the number of memories that were learnt', async () => {
    const memory = await open();

    const count = await processAndWait(memory, 'ana');

    expect(count).toBeGreaterThan(0);
    expect(count).toBe((await memory.getAll({ userId: 'ana' })).count);
    expect(await typesOf(memory)).toEqual(['refined']);
    expect(await memory.process('ana')).toBe(0);
  });

  it('a task in the background starts as pending and is completed with its count', async () => {
    const memory = await open();
    await converse(memory, 'ben');
    const pending = memory.processAsync('ben');
    const before = { status: pending.status, done: pending.done };

    const { task, found, count } = await processInBackground(memory, 'ana');

    expect(before).toEqual({ status: 'PENDING', done: false });
    expect(found).toBeGreaterThan(0);
    expect(task).toMatchObject({
      userId: 'ana',
      status: 'COMPLETED',
      knowledgeCount: count,
      error: null,
      done: true,
    });
    expect(await pending.wait()).toBeGreaterThan(0);
  });

  it('the fields of a task follow the work without a wait', async () => {
    const memory = await open();
    await converse(memory, 'ana');

    const task = memory.processAsync('ana');

    await expect.poll(() => task.done, { timeout: 20_000 }).toBe(true);
    expect(task.status).toBe('COMPLETED');
  });

  it('with automatic processing five exchanges reach the threshold of ten messages', async () => {
    const memory = await open({ autoProcess: true, batchThreshold: 10 });

    expect(await converseWithAutoProcess(memory, 'ana')).toBeGreaterThan(0);
    expect(await typesOf(memory)).toEqual(['refined']);
  });

  it('a flush at the end refines fewer messages than the threshold', async () => {
    const memory = await open({ autoProcess: true });

    expect(await finishConversation(memory, 'ana')).toBe(1);
    expect(await typesOf(memory)).toEqual(['refined']);
  });

  it('an add is refined at once, with the exchanges before it', async () => {
    const memory = await open();
    await memory.addExchange('ana', 'I live in Oslo.', 'A fine city.');

    await memory.add('I play the cello.', { userId: 'ana' });

    expect(await typesOf(memory)).toEqual(['refined']);
  });

  it('a wait with a timeout that is over rejects, and the task goes on', async () => {
    const memory = await open();
    await converse(memory, 'ana');
    const task = memory.processAsync('ana');

    const waited = memory.waitForProcessing('ana', { timeout: 0 });

    await expect(waited).rejects.toBeInstanceOf(TimeoutError);
    expect(await task.wait()).toBeGreaterThan(0);
  });

  it('a blank user is refused', async () => {
    const memory = await open();

    const task = memory.processAsync(' ');

    await expect(task.wait()).rejects.toBeInstanceOf(ValidationError);
    await expect(memory.addExchange('', 'a', 'b')).rejects.toMatchObject({ code: 'missing_scope' });
    expect(task).toMatchObject({ status: 'FAILED', done: true, error: { code: 'missing_scope' } });
  });

  it.each([{ batchThreshold: 0 }, { batchThreshold: 1.5 }, { batchThreshold: 1_001 }])(
    'options %o are refused',
    async (options) => {
      await expect(open(options)).rejects.toMatchObject({ code: 'bad_setting' });
    },
  );
});

describe('processing that takes long, or fails', () => {
  it('a wait that times out rejects with TimeoutError, and the work goes on', async () => {
    const answered = Promise.withResolvers<void>();
    const { memory } = await openClient({}, async (request, signal) => {
      await answered.promise;
      return plainLanguageModel.decide(request, signal);
    });
    await memory.addExchange('ana', 'I live in Oslo.', 'A fine city.');
    const task = memory.processAsync('ana');
    const waited = memory.waitForProcessing('ana', { timeout: 0.05 });

    await expect(waited).rejects.toBeInstanceOf(TimeoutError);
    answered.resolve();
    expect(await task.wait()).toBeGreaterThan(0);
  });

  it('a failed task rejects wait, flush and process with the reason', async () => {
    const { memory } = await openClient({}, async () => ({
      ok: false,
      code: 'model_refusal',
      message: 'The model refused.',
      retryable: false,
      about: 'turn',
      usage: { prompt: 0, completion: 0 },
    }));
    await memory.addExchange('ana', 'one', 'two');
    const task = memory.processAsync('ana');

    await expect(task.wait()).rejects.toBeInstanceOf(RefinementError);
    await memory.addExchange('ana', 'three', 'four');
    await expect(memory.flush('ana')).rejects.toMatchObject({ code: 'model_refusal' });

    expect(task).toMatchObject({ status: 'FAILED', done: true, error: { code: 'model_refusal' } });
  });

  it('the end of a memory waits for tasks that run, and flushes nothing', async () => {
    const folder = temporaryFolder();
    cleanups.push(folder.remove);
    const options = { dataDir: folder.file('data') };
    const first = await createMemory(options);
    await first.addExchange('ana', 'I live in Oslo.', 'A fine city.');
    const task = first.processAsync('ana');
    await first.addExchange('ben', 'I play the cello.', 'Nice.');

    await first.close();
    const count = await task.wait();
    const second = await createMemory(options);
    cleanups.push(second.close);

    expect(count).toBe(1);
    expect(await typesOf(second)).toEqual(['refined']);
    expect(await typesOf(second, 'ben')).toEqual(['rough']);
  });
});
