import { describe, expect, it } from 'vitest';
import { createBatchQueue } from '../../../shared/adapters/local-embedder/batch-queue.ts';

/** Queue whose batches wait for `release`; the vector of a text is its length. */
const setUp = () => {
  const batches: string[][] = [];
  const pending: PromiseWithResolvers<void>[] = [];
  const embed = createBatchQueue(async (texts) => {
    batches.push([...texts]);
    const batch = Promise.withResolvers<void>();
    pending.push(batch);
    await batch.promise;
    return texts.map((text) => Float32Array.of(text.length));
  });
  /** Completes the batch in flight, so that the next one starts. */
  const release = async (error?: Error): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    const batch = pending.shift();
    if (error) batch?.reject(error);
    else batch?.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { batches, embed, release };
};

describe('concurrent calls', () => {
  it('calls of one tick, and calls during a batch, share a batch', async () => {
    const { batches, embed, release } = setUp();

    const early = [embed(['a']), embed(['bb'])];
    await release();
    const busy = embed(['ccc']);
    await new Promise((resolve) => setImmediate(resolve));
    const late = [embed(['d']), embed(['e'])];
    await release();
    await release();

    expect(batches).toEqual([['a', 'bb'], ['ccc'], ['d', 'e']]);
    expect(await Promise.all([...early, busy, ...late])).toHaveLength(5);
  });

  it('calls are served in round-robin order, so one text does not wait behind a hundred', async () => {
    const { batches, embed, release } = setUp();
    const many = embed(Array.from({ length: 100 }, (_, i) => `bulk ${i}`));
    await new Promise((resolve) => setImmediate(resolve));

    const one = embed(['search']);
    await release();
    await release();

    expect(batches[1]).toContain('search');
    expect(await one).toEqual([Float32Array.of(6)]);
    for (let i = 0; i < 6; i++) await release();
    expect(await many).toHaveLength(100);
    expect(Math.max(...batches.map(({ length }) => length))).toBe(16);
  });

  it('short texts do not share a batch with long ones', async () => {
    const { batches, embed, release } = setUp();

    const all = embed(['short', 'x'.repeat(2_000), 'short too']);
    for (let i = 0; i < 3; i++) await release();

    expect(batches.map(({ length }) => length)).toEqual([1, 1, 1]);
    expect(await all).toEqual([5, 2_000, 9].map((length) => Float32Array.of(length)));
  });

  it('a failing batch rejects all waiting calls, and the next call succeeds', async () => {
    const { embed, release } = setUp();
    const lost = new Error('lost');
    const calls = [embed(Array.from({ length: 40 }, () => 'bulk')), embed(['one'])];
    const failures = Promise.allSettled(calls);

    await release(lost);
    const next = embed(['next']);
    await release();

    expect((await failures).map((outcome) => 'reason' in outcome && outcome.reason)).toEqual([
      lost,
      lost,
    ]);
    expect(await next).toEqual([Float32Array.of(4)]);
  });

  it('an aborted call does not affect the others', async () => {
    const { batches, embed, release } = setUp();
    const abort = new AbortController();
    const reason = new Error('enough');
    const busy = embed(['first']);
    await new Promise((resolve) => setImmediate(resolve));

    const aborted = expect(embed(['dropped'], abort.signal)).rejects.toBe(reason);
    const kept = embed(['kept']);
    abort.abort(reason);
    await release();
    await release();

    await aborted;
    expect(await busy).toHaveLength(1);
    expect(await kept).toHaveLength(1);
    expect(batches).toEqual([['first'], ['kept']]);
  });
});
