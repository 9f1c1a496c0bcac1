import { describe, expect, it } from 'vitest';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { retryEvent } from '../../../shared/core/events.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { fanOut } from '../../../shared/core/webhooks/fan-out.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import type { Hint } from '../../../shared/ports/queue.ts';
import { interceptStore, writesOf } from '../../support/intercepted-store.ts';
import { failing, learning } from '../../support/scripted-model.ts';
import { openWebhookWorld, type WebhookWorld } from '../../support/webhook-world.ts';
import { project } from '../../support/world.ts';

/** What waits to be fanned out, in the order it was hinted at. */
const hinted = (world: WebhookWorld): Hint[] => {
  const hints: Hint[] = [];
  for (let hint = world.notices.take(); hint; hint = world.notices.take()) hints.push(hint);
  return hints.filter(({ kind }) => kind === 'outbox');
};

/** Two turns that taught one memory each: four outboxes. */
const twoTurns = async () => {
  const world = openWebhookWorld();
  await world.endpoint({ ordered: true });
  for (const text of ['Alice lives in Lisbon.', 'Alice likes tea.']) {
    world.model.next(learning(text));
    await world.learn(text);
  }
  return { world, hints: hinted(world) };
};

const said = ({ receiver }: WebhookWorld): string[] =>
  receiver.posts.map(({ payload: { type, data } }) => data.new_text ?? type);

const ofTwoTurns = [
  'event.pending',
  'Alice lives in Lisbon.',
  'event.succeeded',
  'event.pending',
  'Alice likes tea.',
  'event.succeeded',
];

const memories = ({ receiver }: WebhookWorld) =>
  receiver.posts.map(({ payload }) => payload.data.memory_id);

const permutations = <T>(all: readonly T[]): T[][] =>
  all.length < 2
    ? [[...all]]
    : all.flatMap((one, at) =>
        permutations(all.filter((_, other) => other !== at)).map((rest) => [one, ...rest]),
      );

describe('an ordered endpoint is told of a scope in the order in which it came about', () => {
  it('in whatever order the hints come', async () => {
    for (const order of permutations([0, 1, 2, 3])) {
      const { world, hints } = await twoTurns();

      for (const at of order) await world.perform(hints[at] as Hint, world.platform);
      await world.tell();

      expect(said(world)).toEqual(ofTwoTurns);
      expect(world.rows('OUTBOX')).toEqual([]);
    }
  });

  it('when they are fanned out at once, in processes of their own', async () => {
    const { world, hints } = await twoTurns();
    const copies = [...hints, ...hints].reverse();

    await Promise.all(
      copies.map((hint) => {
        const store = interceptStore(world.platform.store, {});
        return world.perform(hint, { ...world.platform, store });
      }),
    );
    await world.tell();

    expect(said(world)).toEqual(ofTwoTurns);
  });

  it('when all hints but the last were lost', async () => {
    const { world, hints } = await twoTurns();

    await world.perform(hints.at(-1) as Hint, world.platform);
    await world.tell();

    expect(said(world)).toEqual(ofTwoTurns);
    expect(world.rows('OUTBOX')).toEqual([]);
  });

  it('when a change that was asked for is hinted at before the turn it changes', async () => {
    const world = openWebhookWorld();
    await world.endpoint({ ordered: true });
    world.model.next(learning('Alice lives in Lisbon.'));
    const [id = ''] = await world.learn('I live in Lisbon.');
    await updateMemory(world.platform, project, id, { text: 'Alice lives in Porto.' });
    await deleteMemory(world.platform, project, id);
    const hints = hinted(world);

    for (const hint of hints.reverse()) await world.perform(hint, world.platform);
    await world.tell();

    expect(world.receiver.typesOf()).toEqual([
      'event.pending',
      'memory_add',
      'event.succeeded',
      'memory_update',
      'memory_delete',
    ]);
  });

  it('when a turn failed, and is retried after a later one was refined', async () => {
    const world = openWebhookWorld({ refineSchedule: [] });
    await world.endpoint({ ordered: true });
    world.model.next(failing(new RetryableError('down', 'The model is down.')));
    const { event } = await world.add('Alice lives in Lisbon.');
    await world.refine();
    world.model.next(learning('Alice likes tea.'), learning('Alice lives in Lisbon.'));
    await world.learn('Alice likes tea.');
    await retryEvent(world.platform, project, event);
    await world.refine();
    const hints = hinted(world);

    for (const hint of hints.reverse()) await world.perform(hint, world.platform);
    await world.tell();

    const [, ...secondTurn] = ofTwoTurns.slice(3);
    const retried = ['Alice lives in Lisbon.', 'event.succeeded'];
    const failed = ['event.pending', 'event.failed'];
    expect(said(world)).toEqual([...failed, 'event.pending', ...secondTurn, ...retried]);
  });

  it('with a crash at any await of telling the last', async () => {
    for (let n = 0, isOver = false; !isOver; n++) {
      const { world, hints } = await twoTurns();
      const store = interceptStore(world.platform.store, {
        before: ({ at }) => {
          if (at >= n) throw new Error('The process ended.');
        },
      });

      isOver = await world.perform(hints.at(-1) as Hint, { ...world.platform, store }).then(
        () => true,
        () => false,
      );
      for (let sweep = 0; sweep < 3; sweep++) await world.later(31_000);

      expect(said(world)).toEqual(ofTwoTurns);
      expect(world.rows('OUTBOX')).toEqual([]);
    }
  }, 60_000);
});

describe('a lane', () => {
  it('is joined by nothing that another has told meanwhile, with other endpoints in sight', async () => {
    const world = openWebhookWorld();
    const old = { ...world.platform, store: interceptStore(world.store, {}) };
    await world.fact();
    const [first] = hinted(world) as [Hint];
    await world.clock.advance(2_000);
    await world.endpoint({ url: 'https://plain.example.com/' });
    await world.fact({ entities: { user: 'bob' }, createdAt: world.clock.now() - 2_000 });
    const [other] = hinted(world) as [Hint];
    await world.perform(other, old);
    await world.clock.advance(1);
    await world.endpoint({ ordered: true, url: 'https://ordered.example.com/' });
    let isOver = false;
    const late = interceptStore(world.store, {
      before: async ({ steps }) => {
        if (isOver || writesOf(steps, 'LANE').length === 0) return;
        isOver = true;
        await world.perform(first, old);
        await world.fact();
        for (const hint of hinted(world)) await world.perform(hint, world.platform);
      },
    });

    await world.perform(first, { ...world.platform, store: late });
    await world.later(1_000);

    expect(isOver).toBe(true);
    const posts = world.receiver.at('https://ordered.example.com/');
    expect(posts.map(({ payload }) => payload.data.memory_id)).toEqual(['memory-3']);
  });

  it('takes in one after the other what came about side by side', async () => {
    const world = openWebhookWorld();
    await world.endpoint({ ordered: true });
    const order = world.platform.ids.next();
    await world.fact();
    const [hint] = hinted(world) as [Hint];
    let isOver = false;
    const slow = interceptStore(world.platform.store, {
      before: async ({ steps }) => {
        if (isOver || writesOf(steps, 'LANE').length === 0) return;
        isOver = true;
        await world.fact({ order });
        for (const other of hinted(world)) await world.perform(other, world.platform);
      },
    });

    await world.perform(hint, { ...world.platform, store: slow });
    const places = world
      .deliveries()
      .map(({ ordering, waits = false }) => [ordering?.number, waits]);
    await world.later(1_000);

    expect(places.sort()).toEqual([
      [1, false],
      [2, true],
    ]);
    expect(memories(world)).toEqual(['memory-2', 'memory-1']);
  });

  it('leads to no other read where no endpoint keeps an order', async () => {
    const queries = async (ordered: boolean): Promise<number> => {
      const world = openWebhookWorld();
      await world.endpoint({ ordered });
      await world.fact();
      let count = 0;
      const store = interceptStore(world.platform.store, {
        before: ({ method }) => {
          if (method === 'query') count += 1;
        },
      });
      const [hint] = hinted(world);
      if (hint) await world.perform(hint, { ...world.platform, store });
      return count;
    };

    const [plain, ordered] = [await queries(false), await queries(true)];

    expect([plain, ordered]).toEqual([1, 2]);
  });

  it('does not let those wait who keep no order', async () => {
    const world = openWebhookWorld();
    await world.endpoint({ ordered: true, url: 'https://ordered.example.com/' });
    await world.endpoint({ url: 'https://plain.example.com/' });
    const stuck = await world.fact();
    await world.fact();
    const [, second] = hinted(world) as [Hint, Hint];
    const store = interceptStore(world.platform.store, {
      before: ({ keys }) => {
        if (keys.some(({ sk }) => sk.endsWith(stuck))) throw new Error('It cannot be read.');
      },
    });

    await world.perform(second, { ...world.platform, store }).catch(() => {});
    await world.tell();
    const before = world.receiver.posts.map(({ url }) => url);
    await world.later(1_000);

    expect(before).toEqual(['https://plain.example.com/']);
    const inOrder = world.receiver.at('https://ordered.example.com/');
    expect(inOrder.map(({ payload }) => payload.data.memory_id)).toEqual(['memory-1', 'memory-2']);
  });

  it('of which more waits than there is time for is gone on with later', async () => {
    const world = openWebhookWorld();
    await world.endpoint({ ordered: true });
    for (let fact = 0; fact < 5; fact++) await world.fact();
    const last = hinted(world).at(-1);
    if (last?.kind !== 'outbox') throw new Error('nothing was hinted at');

    await fanOut(world.platform, last, { deadlineAt: world.clock.now() });
    const waiting = hinted(world);
    await world.perform(last, world.platform);
    await world.tell();

    expect(waiting).toEqual([last]);
    expect(memories(world)).toEqual([1, 2, 3, 4, 5].map((n) => `memory-${n}`));
  });
});
