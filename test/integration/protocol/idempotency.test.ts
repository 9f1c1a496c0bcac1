import { describe, expect, it } from 'vitest';
import type { AcceptRequest } from '../../../shared/core/accept.ts';
import { writesOf } from '../../support/intercepted-store.ts';
import { openWorld, request, type World } from '../../support/world.ts';

const hours = 3_600_000;
const asked = request('I live in Lisbon.');
const keyed = { ...asked, idempotencyKey: 'k1' };

const turns = (world: World) => world.rows('TURN').length;

describe('with a key', () => {
  it('the same request is answered with the same event, even after that is over', async () => {
    const world = openWorld();

    const first = await world.accept(keyed);
    await world.refine();
    await world.clock.advance(23 * hours);
    const again = await world.accept({ ...keyed });

    expect(first.outcome).toBe('accepted');
    expect(again).toEqual({ ...first, outcome: 'replayed' });
    expect(turns(world)).toBe(1);
  });

  it('a request that says the same in another order of fields is the same request', async () => {
    const world = openWorld();

    await world.accept({ ...keyed, metadata: { a: 1, b: { c: 2, d: [3] } } });
    const again = await world.accept({ ...keyed, metadata: { b: { d: [3], c: 2 }, a: 1 } });

    expect(again.outcome).toBe('replayed');
  });

  it('another request is refused and leaves nothing behind', async () => {
    const world = openWorld();
    await world.accept(keyed);
    const before = world.rows();

    const other = await world.accept({ ...request('I live in Porto.'), idempotencyKey: 'k1' });

    expect(other).toEqual({ outcome: 'key_reused' });
    expect(world.rows()).toEqual(before);
  });

  it('distinct keys never make one turn of two requests', async () => {
    const world = openWorld();

    await world.accept(keyed);
    const other = await world.accept({ ...keyed, idempotencyKey: 'k2' });

    expect(other.outcome).toBe('accepted');
    expect(turns(world)).toBe(2);
  });

  it('is forgotten after 24 hours, whether or not its row was purged', async () => {
    const world = openWorld();
    await world.accept(keyed);

    await world.clock.advance(24 * hours);
    const late = await world.accept({ ...request('I live in Porto.'), idempotencyKey: 'k1' });

    expect(late.outcome).toBe('accepted');
    expect(turns(world)).toBe(2);
  });

  it('ten requests at once make one turn', async () => {
    const world = openWorld();

    const answers = await Promise.all(Array.from({ length: 10 }, () => world.accept({ ...keyed })));

    expect(answers.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1);
    expect(answers.filter(({ outcome }) => outcome === 'replayed')).toHaveLength(9);
    expect(turns(world)).toBe(1);
  });
});

describe('without a key', () => {
  it('ten identical requests at once make one turn and one event', async () => {
    const world = openWorld();

    const answers = await Promise.all(Array.from({ length: 10 }, () => world.accept(asked)));

    const events = new Set(answers.map((answer) => 'event' in answer && answer.event));
    expect(events.size).toBe(1);
    expect(answers.filter(({ outcome }) => outcome === 'replayed')).toHaveLength(9);
    expect(turns(world)).toBe(1);
    expect(world.rows('EVENT')).toHaveLength(1);
  });

  it('a repeat is recognised for 10 seconds and not longer', async () => {
    const world = openWorld();

    const first = await world.accept(asked);
    await world.clock.advance(9_999);
    const soon = await world.accept(asked);
    await world.clock.advance(1);
    const late = await world.accept(asked);

    expect(soon).toEqual({ ...first, outcome: 'replayed' });
    expect(late.outcome).toBe('accepted');
  });

  const differing: [string, Partial<AcceptRequest>][] = [
    ['the user', { entities: { user: 'bob' } }],
    ['a further entity', { entities: { user: 'alice', run: 'r1' } }],
    ['the messages', { messages: [{ role: 'assistant', content: 'I live in Lisbon.' }] }],
    ['the metadata', { metadata: { answer: 2 } }],
    ['the time', { observedAt: 1 }],
    ['an option', { options: { infer: false } }],
  ];
  it.each(differing)('requests that differ in %s are two turns', async (_, difference) => {
    const world = openWorld();

    await world.accept(asked);
    const other = await world.accept({ ...asked, ...difference });

    expect(other.outcome).toBe('accepted');
    expect(turns(world)).toBe(2);
  });

  it('a repeat is a new turn once the earlier event is final', async () => {
    const world = openWorld();

    await world.accept(asked);
    await world.refine();
    const second = await world.accept(asked);
    const third = await world.accept(asked);

    expect(second.outcome).toBe('accepted');
    expect(third).toEqual({ ...second, outcome: 'replayed' });
    expect(turns(world)).toBe(2);
  });

  it('ten repeats at once of one that is over make one new turn', async () => {
    const world = openWorld();
    await world.accept(asked);
    await world.refine();

    const answers = await Promise.all(Array.from({ length: 10 }, () => world.accept(asked)));

    expect(answers.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1);
    expect(turns(world)).toBe(2);
  });

  it('a request can opt out of being recognised', async () => {
    const world = openWorld();

    await world.accept(asked);
    const other = await world.accept({ ...asked, dedupe: false });

    expect(other.outcome).toBe('accepted');
    expect(turns(world)).toBe(2);
  });

  it('sent again after an error that told nothing, it finds the turn there is', async () => {
    const world = openWorld();
    let isDown = false;
    const client = world.intercepted({
      before: () => {
        if (isDown) throw new Error('The store cannot be reached.');
      },
      after: ({ steps }) => {
        if (writesOf(steps, 'TURN').length === 0) return;
        isDown = true;
        throw new Error('The connection was reset.');
      },
    });

    await expect(world.accept(asked, client)).rejects.toThrow();
    const again = await world.accept(asked);

    expect(again.outcome).toBe('replayed');
    expect(turns(world)).toBe(1);
  });
});
