import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createLocalExtractor,
  type LocalExtractor,
} from '../../shared/adapters/local-extractor/local-extractor.ts';

const fakeWorker = new URL('../support/fake-rules-worker.ts', import.meta.url);
const extractorFile = new URL(
  '../../shared/adapters/local-extractor/local-extractor.ts',
  import.meta.url,
);
const never = new AbortController().signal;

const open: LocalExtractor[] = [];
afterEach(async () => {
  for (const extractor of open.splice(0)) await extractor.close();
});

const start = (workerFile = fakeWorker): LocalExtractor => {
  const limits = { turnCpuMs: 2_000, heapMb: 24 };
  const extractor = createLocalExtractor({ workerFile, limits });
  open.push(extractor);
  return extractor;
};

/** Reason of the result of each turn. */
const outcomes = async (
  extractor: LocalExtractor,
  texts: readonly string[],
  signal = never,
): Promise<(string | undefined)[]> => {
  const turns = texts.map((content) => ({
    messages: [{ role: 'user' as const, content }],
    observedAt: 0,
    options: { infer: true },
  }));
  const decision = await extractor.decide({ turns, memories: [] }, signal);
  return decision.ok ? decision.changes.map(({ reason }) => reason) : [];
};

const wasRead = expect.stringMatching(/^read by thread \d+$/);
const unavailable = { name: 'RetryableError', code: 'extractor_unavailable' };

describe('a turn that ends the worker thread', () => {
  it.each([
    ['for ever', 'stored verbatim: the embedded rules took too long to read it'],
    ['all memory', 'stored verbatim: the embedded rules needed too much memory to read it'],
    ['exit', 'stored verbatim: the embedded rules failed to read it'],
    ['throw', 'stored verbatim: the embedded rules failed to read it'],
  ])('only the turn that ends the thread is stored verbatim: %s', async (text, reason) => {
    const extractor = start();

    const [mixed, others] = await Promise.all([
      outcomes(extractor, ['first', text, 'last']),
      outcomes(extractor, ['of', 'another', 'scope']),
    ]);

    expect(mixed).toEqual([wasRead, reason, wasRead]);
    expect(others).toEqual([wasRead, wasRead, wasRead]);
    expect(await outcomes(extractor, ['next'])).toEqual([wasRead]);
  });

  it('several fatal turns of one call are stored verbatim, and the others are read', async () => {
    const texts = ['exit', 'fine', 'throw', 'fine', 'exit'];

    const decided = await outcomes(start(), texts);

    expect(decided.map((reason) => reason?.startsWith('stored verbatim'))).toEqual(
      texts.map((text) => text !== 'fine'),
    );
  });
});

describe('the thread of the rules', () => {
  it('a thread that cannot load is started again by every call, and `warm` never rejects', async () => {
    const extractor = start(new URL('./no-such-worker.ts', import.meta.url));

    await extractor.warm();

    await expect(outcomes(extractor, ['one'])).rejects.toMatchObject(unavailable);
    await expect(outcomes(extractor, ['two'])).rejects.toMatchObject(unavailable);
  });

  it('an abort ends a call at once, even while the thread is busy', async () => {
    const extractor = start();
    const abort = new AbortController();
    const reason = new Error('enough');

    const given = expect(outcomes(extractor, ['for ever'], abort.signal)).rejects.toBe(reason);
    setTimeout(() => abort.abort(reason), 200);
    await given;

    expect(await outcomes(extractor, ['next'])).toEqual([wasRead]);
  });

  it('`close` ends the thread and rejects pending calls', async () => {
    const extractor = start();
    const waiting = expect(outcomes(extractor, ['for ever'])).rejects.toMatchObject(unavailable);
    await new Promise((resolve) => setTimeout(resolve, 200));

    await extractor.close();

    await waiting;
    await expect(outcomes(extractor, ['more'])).rejects.toMatchObject(unavailable);
  });

  it('an idle thread does not keep the process alive', async () => {
    const script = `
      import { createLocalExtractor } from ${JSON.stringify(extractorFile.href)};
      const extractor = createLocalExtractor({ workerFile: new URL(${JSON.stringify(fakeWorker.href)}) });
      await extractor.decide({ turns: [], memories: [] }, new AbortController().signal);
      process.stdout.write('done');`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      timeout: 50_000,
    });

    const output = child.stdout.toArray();
    const [code] = await once(child, 'exit');

    expect(code).toBe(0);
    expect((await output).join('')).toBe('done');
  });
});
