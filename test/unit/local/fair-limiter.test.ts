import { describe, expect, it } from 'vitest';
import { createFairLimiter } from '../../../functions/local/fair-limiter.ts';

const open = (permits: number, perGroup?: number) => {
  const limiter = createFairLimiter(permits, perGroup);
  const stop = new AbortController();
  const admitted: string[] = [];
  const enter = (group: string, name: string, signal = stop.signal): void => {
    void limiter.enter(group, signal).then((isIn) => admitted.push(isIn ? name : `${name} not`));
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { limiter, admitted, enter, settled };
};

describe('a fair limiter', () => {
  it('a fair limiter admits as many as it has permits, and the next when one leaves', async () => {
    const { limiter, admitted, enter, settled } = open(2);
    for (const name of ['1', '2', '3']) enter('a', name);
    await settled();
    const first = [...admitted];

    limiter.leave('a');
    await settled();

    expect(first).toEqual(['1', '2']);
    expect(admitted).toEqual(['1', '2', '3']);
  });

  it('a fair limiter serves groups round robin, and within a group first come first served', async () => {
    const { limiter, admitted, enter, settled } = open(1);
    for (let n = 1; n <= 4; n++) enter('a', `a${n}`);
    for (let n = 1; n <= 2; n++) enter('b', `b${n}`);
    enter('c', 'c1');

    for (let n = 0; n < 6; n++) {
      await settled();
      limiter.leave(admitted.at(-1)?.slice(0, 1) ?? '');
    }
    await settled();

    expect(admitted).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
  });

  it('a fair limiter admits no newcomer ahead of waiters', async () => {
    const { limiter, enter, settled } = open(1);
    enter('a', '1');
    enter('a', '2');
    await settled();

    limiter.leave('a');

    expect(limiter.tryEnter('b')).toBe(false);
    expect(limiter.waiting()).toBe(0);
  });

  it('a fair limiter removes a waiter that stops waiting', async () => {
    const { limiter, admitted, enter, settled } = open(1);
    const stop = new AbortController();
    enter('a', '1');
    enter('a', '2', stop.signal);
    enter('b', '3');
    await settled();

    stop.abort();
    await settled();
    limiter.leave('a');
    await settled();

    expect(admitted).toEqual(['1', '2 not', '3']);
    expect(limiter.waiting()).toBe(0);
  });

  it('a fair limiter admits no waiter once the process ends', async () => {
    const { limiter } = open(1);

    expect(await limiter.enter('a', AbortSignal.abort())).toBe(false);
    expect(limiter.tryEnter('a')).toBe(true);
  });

  it('a group holds at most its share, and waits while others are admitted', async () => {
    const { limiter, admitted, enter, settled } = open(3, 2);
    for (const name of ['a1', 'a2', 'a3']) enter('a', name);
    enter('b', 'b1');
    enter('b', 'b2');
    await settled();
    const first = [...admitted];

    limiter.leave('b');
    await settled();
    const second = [...admitted];
    limiter.leave('a');
    await settled();

    expect(first).toEqual(['a1', 'a2', 'b1']);
    expect(second).toEqual(['a1', 'a2', 'b1', 'b2']);
    expect(admitted).toEqual(['a1', 'a2', 'b1', 'b2', 'a3']);
    expect(limiter.tryEnter('a')).toBe(false);
  });
});
