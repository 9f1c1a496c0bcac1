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
    for (let i = 0; i < 15; i++) await release();
    expect(await many).toHaveLength(100);
    expect(Math.max(...batches.map(({ length }) => length))).toBe(7);
  });

  it('a batch has a bounded number of tokens', async () => {
    const { batches, embed, release } = setUp();

    const long = 'word '.repeat(50);
    const all = embed(['short', long, 'short too', 'and short', 'the last one of them']);
    for (let i = 0; i < 3; i++) await release();

    expect(batches.map(({ length }) => length)).toEqual([1, 1, 3]);
    expect(await all).toEqual([5, 250, 9, 9, 20].map((length) => Float32Array.of(length)));
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

    const aborted = expect(embed(['dropped'], { signal: abort.signal })).rejects.toBe(reason);
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

describe('priorities', () => {
  const many = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, i) => `${prefix} ${i}`);

  it('a waiting query goes first, then adds, then batches, whatever runs at the time', async () => {
    const { batches, embed, release } = setUp();
    const calls = [embed(many('bulk', 40), { priority: 'batch' })];
    await new Promise((resolve) => setImmediate(resolve));

    calls.push(embed(many('turn', 14), { priority: 'add' }), embed(['no priority']));
    calls.push(embed(['question'], { priority: 'query' }));
    for (let i = 0; i < 14; i++) await release();

    await Promise.all(calls);
    const firsts = batches.map(([text = '']) => text.split(' ')[0]);
    expect(firsts.slice(0, 4)).toEqual(['bulk', 'question', 'turn', 'turn']);
    expect(firsts.slice(4)).not.toContain('turn');
  });

  it('a batch in which a query is holds no text of lower priority', async () => {
    const { batches, embed, release } = setUp();

    const calls = [embed(many('bulk', 3)), embed(['question'], { priority: 'query' })];
    await release();
    await release();

    await Promise.all(calls);
    expect(batches).toEqual([['question'], many('bulk', 3)]);
  });

  it('no priority starves: bulk work gets a batch after eight of others', async () => {
    const { batches, embed, release } = setUp();
    const calls = [embed(['bulk']), embed(['turn'], { priority: 'add' })];

    calls.push(...many('question', 200).map((text) => embed([text], { priority: 'query' })));
    for (let i = 0; i < 40; i++) await release();

    await Promise.all(calls);
    const position = (text: string) => batches.findIndex((batch) => batch.includes(text));
    expect([position('turn'), position('bulk')]).toEqual([8, 9]);
  });

  it('an aborted call of each priority leaves the queue', async () => {
    const { batches, embed, release } = setUp();
    const abort = new AbortController();
    const busy = embed(['first']);
    await new Promise((resolve) => setImmediate(resolve));

    const aborted = (['query', 'add', 'batch'] as const).map((priority) =>
      expect(embed(['dropped'], { priority, signal: abort.signal })).rejects.toThrow('enough'),
    );
    abort.abort(new Error('enough'));
    await release();
    await Promise.all([busy, ...aborted]);

    expect(batches).toEqual([['first']]);
  });
});
