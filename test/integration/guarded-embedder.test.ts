import { describe, expect, it } from 'vitest';
import { createGuardedEmbedder } from '../../shared/adapters/guarded-embedder/guarded-embedder.ts';
import { RetryableError } from '../../shared/domain/errors.ts';
import type { Embedder, EmbedOptions } from '../../shared/ports/embedder.ts';
import { createManualClock } from '../support/manual-clock.ts';

interface Call {
  texts: readonly string[];
  options: EmbedOptions | undefined;
  answer(): void;
  fail(error: Error): void;
}

const vectorOf = (text: string): Float32Array => Float32Array.of(text.length, 1);

/** Guarded embedder over a fake that records its calls, and answers at once or on demand of the test. */
const open = ({ waits = false } = {}) => {
  const calls: Call[] = [];
  const failures: Error[] = [];
  const inner = {
    model: 'plain@2',
    embed: (texts, options) => {
      const { promise, resolve, reject } = Promise.withResolvers<Float32Array[]>();
      const answer = () => resolve(texts.map(vectorOf));
      calls.push({ texts, options, answer, fail: reject });
      options?.signal?.addEventListener('abort', () => reject(options.signal?.reason));
      const failure = failures.shift();
      if (failure) reject(failure);
      else if (!waits) answer();
      return promise;
    },
  } satisfies Embedder;
  const clock = createManualClock();
  const embedder = createGuardedEmbedder(inner, clock);
  const requestedTexts = () => calls.map(({ texts }) => texts.join());
  return { inner, embedder, clock, calls, failures, requestedTexts };
};

const down = (code = 'embedder_unavailable', wait?: number) =>
  new RetryableError(code, 'The embedder is down.', wait);

describe('cached vectors', () => {
  it('a cached vector is not requested again by the same project', async () => {
    const { embedder, requestedTexts } = open();

    const first = await embedder.embed(['a', 'bb', 'a'], { project: 'p' });
    const second = await embedder.embed(['bb', 'ccc', 'a'], { project: 'p' });

    expect(requestedTexts()).toEqual(['a,bb', 'ccc']);
    expect(first).toEqual(['a', 'bb', 'a'].map(vectorOf));
    expect(second).toEqual(['bb', 'ccc', 'a'].map(vectorOf));
  });

  it.each([
    ['another project', 'p', 'q', 'a'],
    ['a project whose name continues in the text', 'p', 'pa', 'a'],
    ['no project', 'p', undefined, 'a'],
    ['no project twice', undefined, undefined, 'a'],
  ])('a cached vector is never returned to another project: %s', async (_, first, second, text) => {
    const { embedder, requestedTexts } = open();

    await embedder.embed([text], { project: first });
    await embedder.embed([text], { project: second });

    expect(requestedTexts()).toEqual([text, text]);
  });

  it('a cached vector is only returned for the model that made it', async () => {
    const { inner, embedder, requestedTexts } = open();
    await embedder.embed(['a'], { project: 'p' });

    inner.model = 'plain@3';
    await embedder.embed(['a'], { project: 'p' });

    expect(requestedTexts()).toEqual(['a', 'a']);
  });

  it('cached vectors are discarded when the model changes during a call', async () => {
    const { inner, embedder, calls, requestedTexts } = open({ waits: true });
    const kept = embedder.embed(['a'], { project: 'p' });
    await expect.poll(() => calls.length).toBe(1);
    calls[0]?.answer();
    await kept;

    const both = embedder.embed(['a', 'b'], { project: 'p' });
    await expect.poll(() => calls.length).toBe(2);
    inner.model = 'plain@3';
    calls[1]?.answer();
    await expect.poll(() => calls.length).toBe(3);
    calls[2]?.answer();

    await both;
    expect(requestedTexts()).toEqual(['a', 'b', 'a,b']);
  });
});

describe('concurrent calls for the same text', () => {
  it('concurrent calls for one text share a request', async () => {
    const { embedder, calls, requestedTexts } = open({ waits: true });

    const ten = Array.from({ length: 10 }, () => embedder.embed(['a'], { project: 'p' }));
    const more = embedder.embed(['a', 'b'], { project: 'p' });
    await expect.poll(() => calls.length).toBe(2);
    for (const call of calls) call.answer();

    for (const one of ten) expect(await one).toEqual([vectorOf('a')]);
    expect(await more).toEqual(['a', 'b'].map(vectorOf));
    expect(requestedTexts()).toEqual(['a', 'b']);
  });

  it('concurrent calls of two projects do not share a request', async () => {
    const { embedder, calls } = open({ waits: true });

    const both = ['p', 'q'].map((project) => embedder.embed(['a'], { project }));
    await expect.poll(() => calls.length).toBe(2);
    for (const call of calls) call.answer();

    await Promise.all(both);
  });

  it('a call does not join one of lower priority, behind which it would wait', async () => {
    const { embedder, calls } = open({ waits: true });
    const priorities = ['batch', 'add', 'query', 'add', 'batch', undefined] as const;

    const all = priorities.map((priority) => embedder.embed(['a'], { project: 'p', priority }));
    await expect.poll(() => calls.length).toBe(3);
    for (const call of calls) call.answer();

    await Promise.all(all);
    expect(calls.map(({ options }) => options?.priority)).toEqual(['batch', 'add', 'query']);
  });

  it('the priority of a call without a project reaches the embedder', async () => {
    const { embedder, calls } = open();

    await embedder.embed(['a'], { priority: 'query' });

    expect(calls[0]?.options?.priority).toBe('query');
  });

  it('a shared request is aborted only after all of its callers have aborted', async () => {
    const { embedder, calls } = open({ waits: true });
    const [first, second] = [new AbortController(), new AbortController()];
    const one = embedder.embed(['a'], { project: 'p', signal: first.signal });
    const two = embedder.embed(['a'], { project: 'p', signal: second.signal });
    await expect.poll(() => calls.length).toBe(1);

    first.abort(new Error('enough'));
    await expect(one).rejects.toThrow('enough');
    const between = calls[0]?.options?.signal?.aborted;
    second.abort(new Error('enough, too'));
    await expect(two).rejects.toThrow('enough, too');

    expect([between, calls[0]?.options?.signal?.aborted]).toEqual([false, true]);
    expect(embedder.health?.()).toEqual({ status: 'ok' });
  });
});

describe('a failing embedder', () => {
  const tryOften = async (embedder: Embedder, times: number) => {
    for (let i = 0; i < times; i++)
      await embedder.embed([`text ${i}`], { project: 'p' }).catch(() => undefined);
  };

  it('the breaker stays open for `Retry-After`, for all callers', async () => {
    const { embedder, clock, failures, calls } = open();
    failures.push(down('embedder_rate_limited', 30_000));

    await tryOften(embedder, 100);
    await embedder.embed(['x']).catch(() => undefined);
    const whileOpen = calls.length;
    await clock.advance(29_000);
    const error = await embedder.embed(['x'], { project: 'q' }).catch((thrown: unknown) => thrown);

    expect(whileOpen).toBe(1);
    expect(error).toMatchObject({ code: 'embedder_rate_limited', retryAfterMs: 1_000 });
    expect(calls).toHaveLength(1);
  });

  it.each([
    ['down', down(), 3],
    ['of an unknown model', down('embedder_unknown'), 1],
    ['without quota', down('embedder_quota_exhausted'), 1],
  ])('the breaker opens after a few failures: %s', async (_, failure, max) => {
    const { embedder, failures, calls } = open();
    failures.push(...Array.from({ length: 100 }, () => failure));

    await tryOften(embedder, 50);

    expect(calls).toHaveLength(max);
  });

  it('a half-open breaker sends one probe after ever longer pauses, until a probe succeeds', async () => {
    const { embedder, clock, failures, requestedTexts, calls } = open();
    failures.push(...Array.from({ length: 4 }, () => down()));
    await tryOften(embedder, 5);

    await clock.advance(1_000);
    await Promise.all([tryOften(embedder, 1), tryOften(embedder, 1)]);
    const probed = requestedTexts().slice(3);
    await clock.advance(1_000);
    await tryOften(embedder, 1);
    const stillOpen = calls.length;
    await clock.advance(1_000);
    const vectors = await embedder.embed(['green tea'], { project: 'p' });

    expect(probed).toEqual(['ok']);
    expect(stillOpen).toBe(4);
    expect(requestedTexts().slice(4)).toEqual(['ok', 'green tea']);
    expect(vectors).toHaveLength(1);
  });

  it('a refused text and a missing key do not open the breaker', async () => {
    for (const code of ['embedder_rejected', 'embedder_key_missing']) {
      const { embedder, failures, calls } = open();
      failures.push(...Array.from({ length: 5 }, () => down(code)));

      await tryOften(embedder, 5);

      expect(calls).toHaveLength(5);
    }
  });

  it('the health is degraded from the first failure until a success', async () => {
    const { embedder, clock, failures } = open();
    failures.push(down(), down('embedder_invalid'));
    const since = clock.now();

    await tryOften(embedder, 1);
    await clock.advance(500);
    await tryOften(embedder, 1);
    const failing = embedder.health?.();
    await tryOften(embedder, 1);

    expect(failing).toEqual({ status: 'degraded', code: 'embedder_invalid', since });
    expect(embedder.health?.()).toEqual({ status: 'ok' });
  });
});
