import { describe, expect, it } from 'vitest';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { retryEvent } from '../../../shared/core/events.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { createFanOut } from '../../../shared/core/webhooks/fan-out.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import type { Hint } from '../../../shared/ports/queue.ts';
import { project } from '../../support/core-fixture.ts';
import { interceptStore, writesOf } from '../../support/intercepted-store.ts';
import { failing, learning } from '../../support/scripted-model.ts';
import { openWebhookFixture, type WebhookFixture } from '../../support/webhook-fixture.ts';

/** Outbox hints in the order they were sent. */
const hinted = (service: WebhookFixture): Hint[] => {
  const hints: Hint[] = [];
  for (let hint = service.notices.take(); hint; hint = service.notices.take()) hints.push(hint);
  return hints.filter(({ kind }) => kind === 'outbox');
};

/** Two turns with one memory each: four outboxes. */
const twoTurns = async () => {
  const service = openWebhookFixture();
  await service.endpoint({ ordered: true });
  for (const text of ['Alice lives in Lisbon.', 'Alice likes tea.']) {
    service.model.next(learning(text));
    await service.learn(text);
  }
  return { service, hints: hinted(service) };
};

const said = ({ receiver }: WebhookFixture): string[] =>
  receiver.posts.map(({ payload: { type, data } }) => data.new_text ?? type);

const ofTwoTurns = [
  'event.pending',
  'Alice lives in Lisbon.',
  'event.succeeded',
  'event.pending',
  'Alice likes tea.',
  'event.succeeded',
];

const memories = ({ receiver }: WebhookFixture) =>
  receiver.posts.map(({ payload }) => payload.data.memory_id);

const permutations = <T>(all: readonly T[]): T[][] =>
  all.length < 2
    ? [[...all]]
    : all.flatMap((one, at) =>
        permutations(all.filter((_, other) => other !== at)).map((rest) => [one, ...rest]),
      );

describe('an ordered endpoint gets the facts of a scope in order', () => {
  it('an ordered endpoint gets facts in order whatever the order of the hints', async () => {
    for (const order of permutations([0, 1, 2, 3])) {
      const { service, hints } = await twoTurns();

      for (const at of order) await service.perform(hints[at] as Hint, service.platform);
      await service.dispatch();

      expect(said(service)).toEqual(ofTwoTurns);
      expect(service.rows('OUTBOX')).toEqual([]);
    }
  });

  it('an ordered endpoint gets facts in order when separate processes fan them out concurrently', async () => {
    const { service, hints } = await twoTurns();
    const copies = [...hints, ...hints].reverse();

    await Promise.all(
      copies.map((hint) => {
        const store = interceptStore(service.platform.store, {});
        return service.perform(hint, { ...service.platform, store });
      }),
    );
    await service.dispatch();

    expect(said(service)).toEqual(ofTwoTurns);
  });

  it('an ordered endpoint gets facts in order when every hint but the last was lost', async () => {
    const { service, hints } = await twoTurns();

    await service.perform(hints.at(-1) as Hint, service.platform);
    await service.dispatch();

    expect(said(service)).toEqual(ofTwoTurns);
    expect(service.rows('OUTBOX')).toEqual([]);
  });

  it('an ordered endpoint gets an API write after the turn whose memory it changes, though its hint arrived first', async () => {
    const service = openWebhookFixture();
    await service.endpoint({ ordered: true });
    service.model.next(learning('Alice lives in Lisbon.'));
    const [id = ''] = await service.learn('I live in Lisbon.');
    await updateMemory(service.platform, project, id, { text: 'Alice lives in Porto.' });
    await deleteMemory(service.platform, project, id);
    const hints = hinted(service);

    for (const hint of hints.reverse()) await service.perform(hint, service.platform);
    await service.dispatch();

    expect(service.receiver.typesOf()).toEqual([
      'event.pending',
      'memory_add',
      'event.succeeded',
      'memory_update',
      'memory_delete',
    ]);
  });

  it('an ordered endpoint gets a retried turn in order of its result', async () => {
    const service = openWebhookFixture({ refineSchedule: [] });
    await service.endpoint({ ordered: true });
    service.model.next(failing(new RetryableError('down', 'The model is down.')));
    const { event } = await service.add('Alice lives in Lisbon.');
    await service.refine();
    service.model.next(learning('Alice likes tea.'), learning('Alice lives in Lisbon.'));
    await service.learn('Alice likes tea.');
    await retryEvent(service.platform, project, event);
    await service.refine();
    const hints = hinted(service);

    for (const hint of hints.reverse()) await service.perform(hint, service.platform);
    await service.dispatch();

    const [, ...secondTurn] = ofTwoTurns.slice(3);
    const retried = ['Alice lives in Lisbon.', 'event.succeeded'];
    const failed = ['event.pending', 'event.failed'];
    expect(said(service)).toEqual([...failed, 'event.pending', ...secondTurn, ...retried]);
  });

  it('an ordered endpoint gets facts in order with a crash at any await of expanding the last', async () => {
    for (let n = 0, isOver = false; !isOver; n++) {
      const { service, hints } = await twoTurns();
      const store = interceptStore(service.platform.store, {
        before: ({ at }) => {
          if (at >= n) throw new Error('The process ended.');
        },
      });

      isOver = await service.perform(hints.at(-1) as Hint, { ...service.platform, store }).then(
        () => true,
        () => false,
      );
      for (let sweep = 0; sweep < 3; sweep++) await service.later(31_000);

      expect(said(service)).toEqual(ofTwoTurns);
      expect(service.rows('OUTBOX')).toEqual([]);
    }
  }, 60_000);
});

describe('an ordered sequence', () => {
  it('an outbox expanded elsewhere meanwhile, with other subscribers, appends nothing', async () => {
    const service = openWebhookFixture();
    const old = { ...service.platform, store: interceptStore(service.store, {}) };
    await service.fact();
    const [first] = hinted(service) as [Hint];
    await service.clock.advance(2_000);
    await service.endpoint({ url: 'https://plain.example.com/' });
    await service.fact({ entities: { user: 'bob' }, createdAt: service.clock.now() - 2_000 });
    const [other] = hinted(service) as [Hint];
    await service.perform(other, old);
    await service.clock.advance(1);
    await service.endpoint({ ordered: true, url: 'https://ordered.example.com/' });
    let isOver = false;
    const late = interceptStore(service.store, {
      before: async ({ steps }) => {
        if (isOver || writesOf(steps, 'ORDERING').length === 0) return;
        isOver = true;
        await service.perform(first, old);
        await service.fact();
        for (const hint of hinted(service)) await service.perform(hint, service.platform);
      },
    });

    await service.perform(first, { ...service.platform, store: late });
    await service.later(1_000);

    expect(isOver).toBe(true);
    const posts = service.receiver.at('https://ordered.example.com/');
    expect(posts.map(({ payload }) => payload.data.memory_id)).toEqual(['memory-3']);
  });

  it('concurrent facts are appended one after the other', async () => {
    const service = openWebhookFixture();
    await service.endpoint({ ordered: true });
    const order = service.platform.ids.next();
    await service.fact();
    const [hint] = hinted(service) as [Hint];
    let isOver = false;
    const slow = interceptStore(service.platform.store, {
      before: async ({ steps }) => {
        if (isOver || writesOf(steps, 'ORDERING').length === 0) return;
        isOver = true;
        await service.fact({ order });
        for (const other of hinted(service)) await service.perform(other, service.platform);
      },
    });

    await service.perform(hint, { ...service.platform, store: slow });
    const places = service
      .deliveries()
      .map(({ ordering, blocked = false }) => [ordering?.number, blocked]);
    await service.later(1_000);

    expect(places.sort()).toEqual([
      [1, false],
      [2, true],
    ]);
    expect(memories(service)).toEqual(['memory-2', 'memory-1']);
  });

  it('without ordered endpoints, fan-out reads no older outboxes', async () => {
    const queries = async (ordered: boolean): Promise<number> => {
      const service = openWebhookFixture();
      await service.endpoint({ ordered });
      await service.fact();
      let count = 0;
      const store = interceptStore(service.platform.store, {
        before: ({ method }) => {
          if (method === 'query') count += 1;
        },
      });
      const [hint] = hinted(service);
      if (hint) await service.perform(hint, { ...service.platform, store });
      return count;
    };

    const [plain, ordered] = [await queries(false), await queries(true)];

    expect([plain, ordered]).toEqual([1, 2]);
  });

  it('unordered endpoints do not wait for older outboxes', async () => {
    const service = openWebhookFixture();
    await service.endpoint({ ordered: true, url: 'https://ordered.example.com/' });
    await service.endpoint({ url: 'https://plain.example.com/' });
    const stuck = await service.fact();
    await service.fact();
    const [, second] = hinted(service) as [Hint, Hint];
    const store = interceptStore(service.platform.store, {
      before: ({ keys }) => {
        if (keys.some(({ sk }) => sk.endsWith(stuck))) throw new Error('It cannot be read.');
      },
    });

    await service.perform(second, { ...service.platform, store }).catch(() => {});
    await service.dispatch();
    const before = service.receiver.posts.map(({ url }) => url);
    await service.later(1_000);

    expect(before).toEqual(['https://plain.example.com/']);
    const inOrder = service.receiver.at('https://ordered.example.com/');
    expect(inOrder.map(({ payload }) => payload.data.memory_id)).toEqual(['memory-1', 'memory-2']);
  });

  it('a scope with more older outboxes than the deadline allows is continued later', async () => {
    const service = openWebhookFixture();
    await service.endpoint({ ordered: true });
    for (let fact = 0; fact < 5; fact++) await service.fact();
    const last = hinted(service).at(-1);
    if (last?.kind !== 'outbox') throw new Error('nothing was hinted at');

    await createFanOut(service.platform)(last, {
      deadlineAt: service.clock.now(),
      signal: new AbortController().signal,
    });
    const waiting = hinted(service);
    await service.perform(last, service.platform);
    await service.dispatch();

    expect(waiting).toEqual([last]);
    expect(memories(service)).toEqual([1, 2, 3, 4, 5].map((n) => `memory-${n}`));
  });
});
