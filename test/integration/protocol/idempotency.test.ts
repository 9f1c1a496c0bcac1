import { describe, expect, it } from 'vitest';
import type { AcceptRequest } from '../../../shared/core/accept.ts';
import { type CoreFixture, openCoreFixture, request } from '../../support/core-fixture.ts';
import { writesOf } from '../../support/intercepted-store.ts';

const hours = 3_600_000;
const asked = request('I live in Lisbon.');
const keyed = { ...asked, idempotencyKey: 'k1' };

const turns = (service: CoreFixture) => service.rows('TURN').length;

describe('with a key', () => {
  it('an equal request with the same key returns the same event, even after it is final', async () => {
    const service = openCoreFixture();

    const first = await service.accept(keyed);
    await service.refine();
    await service.clock.advance(23 * hours);
    const again = await service.accept({ ...keyed });

    expect(first.outcome).toBe('accepted');
    expect(again).toEqual({ ...first, outcome: 'replayed' });
    expect(turns(service)).toBe(1);
  });

  it('a request with the same key and another order of fields is the same request', async () => {
    const service = openCoreFixture();

    await service.accept({ ...keyed, metadata: { a: 1, b: { c: 2, d: [3] } } });
    const again = await service.accept({ ...keyed, metadata: { b: { d: [3], c: 2 }, a: 1 } });

    expect(again.outcome).toBe('replayed');
  });

  it('another request with the same key is refused and writes nothing', async () => {
    const service = openCoreFixture();
    await service.accept(keyed);
    const before = service.rows();

    const other = await service.accept({ ...request('I live in Porto.'), idempotencyKey: 'k1' });

    expect(other).toEqual({ outcome: 'key_reused' });
    expect(service.rows()).toEqual(before);
  });

  it('equal requests with different keys are two turns', async () => {
    const service = openCoreFixture();

    await service.accept(keyed);
    const other = await service.accept({ ...keyed, idempotencyKey: 'k2' });

    expect(other.outcome).toBe('accepted');
    expect(turns(service)).toBe(2);
  });

  it('an idempotency key expires after 24 hours, whether or not its row was purged', async () => {
    const service = openCoreFixture();
    await service.accept(keyed);

    await service.clock.advance(24 * hours);
    const late = await service.accept({ ...request('I live in Porto.'), idempotencyKey: 'k1' });

    expect(late.outcome).toBe('accepted');
    expect(turns(service)).toBe(2);
  });

  it('ten concurrent requests with the same key make one turn', async () => {
    const service = openCoreFixture();

    const answers = await Promise.all(
      Array.from({ length: 10 }, () => service.accept({ ...keyed })),
    );

    expect(answers.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1);
    expect(answers.filter(({ outcome }) => outcome === 'replayed')).toHaveLength(9);
    expect(turns(service)).toBe(1);
  });
});

describe('without a key', () => {
  it('ten concurrent equal requests without a key make one turn and one event', async () => {
    const service = openCoreFixture();

    const answers = await Promise.all(Array.from({ length: 10 }, () => service.accept(asked)));

    const events = new Set(answers.map((answer) => 'event' in answer && answer.event));
    expect(events.size).toBe(1);
    expect(answers.filter(({ outcome }) => outcome === 'replayed')).toHaveLength(9);
    expect(turns(service)).toBe(1);
    expect(service.rows('EVENT')).toHaveLength(1);
  });

  it('an equal request without a key is deduplicated for 10 seconds and not longer', async () => {
    const service = openCoreFixture();

    const first = await service.accept(asked);
    await service.clock.advance(9_999);
    const soon = await service.accept(asked);
    await service.clock.advance(1);
    const late = await service.accept(asked);

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
  it.each(differing)(
    'requests without a key that differ in %s are two turns',
    async (_, difference) => {
      const service = openCoreFixture();

      await service.accept(asked);
      const other = await service.accept({ ...asked, ...difference });

      expect(other.outcome).toBe('accepted');
      expect(turns(service)).toBe(2);
    },
  );

  it('an equal request without a key is a new turn once the earlier event is final', async () => {
    const service = openCoreFixture();

    await service.accept(asked);
    await service.refine();
    const second = await service.accept(asked);
    const third = await service.accept(asked);

    expect(second.outcome).toBe('accepted');
    expect(third).toEqual({ ...second, outcome: 'replayed' });
    expect(turns(service)).toBe(2);
  });

  it('ten concurrent requests equal to one whose event is final make one new turn', async () => {
    const service = openCoreFixture();
    await service.accept(asked);
    await service.refine();

    const answers = await Promise.all(Array.from({ length: 10 }, () => service.accept(asked)));

    expect(answers.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1);
    expect(turns(service)).toBe(2);
  });

  it('a request without a key can opt out of deduplication', async () => {
    const service = openCoreFixture();

    await service.accept(asked);
    const other = await service.accept({ ...asked, dedupe: false });

    expect(other.outcome).toBe('accepted');
    expect(turns(service)).toBe(2);
  });

  it('a request repeated after an unknown outcome finds the turn that was committed', async () => {
    const service = openCoreFixture();
    let isDown = false;
    const client = service.intercepted({
      before: () => {
        if (isDown) throw new Error('The store cannot be reached.');
      },
      after: ({ steps }) => {
        if (writesOf(steps, 'TURN').length === 0) return;
        isDown = true;
        throw new Error('The connection was reset.');
      },
    });

    await expect(service.accept(asked, client)).rejects.toThrow();
    const again = await service.accept(asked);

    expect(again.outcome).toBe('replayed');
    expect(turns(service)).toBe(1);
  });
});
