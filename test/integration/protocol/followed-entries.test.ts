import { describe, expect, it } from 'vitest';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { update } from '../../../shared/core/steps.ts';
import type { ItemKind } from '../../../shared/domain/table/items.ts';
import { memoryKey, turnKey } from '../../../shared/domain/table/keys.ts';
import type { Hint } from '../../../shared/ports/queue.ts';
import { alice, type CoreFixture, openCoreFixture, project } from '../../support/core-fixture.ts';

type FinishHint = Extract<Hint, { kind: 'finish' }>;

/** Writes of items of a kind, in the order in which they are made, by a process that makes them. */
const writesTo = (service: CoreFixture, kind: ItemKind) => {
  const writes: string[] = [];
  const platform = service.intercepted({
    before: async ({ steps }) => {
      for (const { op, key } of steps) if (key.kind === kind && op !== 'check') writes.push(op);
    },
  });
  return { writes, platform };
};

/** Lets time pass in steps of ten seconds, without a sweep. */
const follow = async (service: CoreFixture, seconds: number, platform = service.platform) => {
  for (let at = 0; at < seconds; at += 10) {
    await service.clock.advance(10_000);
    await service.work(platform);
  }
};

const dueAtOf = (service: CoreFixture): (number | undefined)[] =>
  service.rows('MEMORY').map(({ item }) => ('dueAt' in item ? Number(item.dueAt) : undefined));

/** A memory whose entry the index shows, and the hint that is to end its direct reads. */
const shown = async () => {
  const service = openCoreFixture();
  const [id = ''] = await service.learn('I live in Lisbon.');
  await service.clock.advance(10_000);
  await service.work();
  await service.clock.advance(60_000);
  const hints: Hint[] = [];
  for (let hint = service.hints.take(); hint; hint = service.hints.take()) hints.push(hint);
  const hint = hints.find(
    (one): one is FinishHint => one.kind === 'finish' && !!one.submission?.visibleAt,
  );
  if (!hint) throw new Error('a hint with a submission');
  return { service, id, hint };
};

describe('entries that hints follow', () => {
  it.each<[ItemKind, string[]]>([
    ['MEMORY', ['put', 'update']],
    ['TURN', ['update', 'update', 'update']],
  ])(
    'from the apply to the end of direct reads, %s is written as few times as %j',
    async (kind, expected) => {
      const service = openCoreFixture();
      const { writes, platform } = writesTo(service, kind);
      await service.add('I live in Lisbon.');
      await service.refine(alice, platform);

      await follow(service, 150, platform);

      expect(writes).toEqual(expected);
      expect(service.rows('RECENT')).toEqual([]);
    },
  );

  it('an entry that the index shows late is checked without a write', async () => {
    const service = openCoreFixture();
    service.index.lag();
    await service.learn('I live in Lisbon.');
    const { writes, platform } = writesTo(service, 'MEMORY');

    await follow(service, 40, platform);
    await service.index.catchUp();
    await follow(service, 10, platform);
    const early = [...writes];
    await follow(service, 60, platform);

    expect(early).toEqual([]);
    expect(writes).toEqual(['update']);
    expect(dueAtOf(service)).toEqual([undefined]);
  });

  it('a memory whose hints are lost is found by its due time, and submitted again', async () => {
    const { service } = await shown();

    await service.pass(50_000);
    const before = dueAtOf(service);
    await service.settle();
    await service.settle();

    expect(before).toEqual([expect.any(Number)]);
    expect(dueAtOf(service)).toEqual([undefined]);
    expect(service.rows('RECENT')).toEqual([]);
  });

  it('a hint about an earlier version does not end direct reads of a newer one', async () => {
    const { service, id, hint } = await shown();
    service.index.lag();
    await updateMemory(service.platform, project, id, { text: 'Lives in Porto.' });

    await service.perform(hint);

    expect(dueAtOf(service)).toEqual([expect.any(Number)]);
  });

  it('a hint about entries of another embedder, or from before the memory became due, ends no direct reads', async () => {
    const { service, id, hint } = await shown();
    const { submission } = hint;
    const other = submission && { ...submission, model: 'another' };
    await service.perform({ ...hint, ...(other ? { submission: other } : {}) });
    const afterOther = dueAtOf(service);

    const now = service.clock.now();
    await service.store.transact([update(memoryKey(project, id), { dueAt: now })]);
    await service.perform(hint);

    expect(afterOther).toEqual([expect.any(Number)]);
    expect(dueAtOf(service)).toEqual([expect.any(Number)]);
  });

  it('a hint from before the memory was submitted and recorded again ends no direct reads', async () => {
    const { service, id, hint } = await shown();
    const dueAt = service.clock.now() + 10_000;
    const submitted = { indexedVersion: 1, submittedAt: service.clock.now(), dueAt };
    service.index.lag();
    await service.store.transact([update(memoryKey(project, id), submitted)]);

    await service.perform(hint);

    expect(dueAtOf(service)).toEqual([expect.any(Number)]);
  });

  it('a memory that is due before hints can end its direct reads is recorded when it is submitted', async () => {
    const service = openCoreFixture();
    const { turn } = await service.add('I live in Lisbon.');
    const upsert: typeof service.index.upsert = async (of, entries) => {
      await service.clock.advance(60_000);
      await service.index.upsert(of, entries);
    };
    const slow = { ...service.platform, vectorIndex: { ...service.index, upsert } };

    await service.refine(alice, slow);

    expect(await service.store.get(memoryKey(project, turn))).toMatchObject({ indexedVersion: 1 });
  });

  it('a hint that comes twice ends direct reads once', async () => {
    const { service, hint } = await shown();

    await service.perform(hint);
    await service.perform(hint);

    expect(dueAtOf(service)).toEqual([undefined]);
  });
});

describe('the end of the direct reads of a turn', () => {
  it('a turn is listed before its pointers go, and is done once these are gone', async () => {
    const service = openCoreFixture();
    await service.learn('I live in Lisbon.');
    const order: string[] = [];
    const platform = service.intercepted({
      before: ({ steps }) => {
        for (const { op, key } of steps)
          if (['LISTED_TURN', 'RECENT', 'TURN'].includes(key.kind)) order.push(`${op} ${key.kind}`);
      },
    });

    await follow(service, 150, platform);

    const twice = (write: string) => [write, write];
    expect(order).toEqual([...twice('put LISTED_TURN'), ...twice('delete RECENT'), 'update TURN']);
  });

  it('a crash at any of its writes leaves the turn in a listing, and the turn is finished later', async () => {
    for (let at = 0; at < 5; at++) {
      const service = openCoreFixture();
      const [id] = await service.learn('I live in Lisbon.');
      let writes = 0;
      const dying = service.intercepted({
        before: ({ steps }) => {
          const isEnd = steps.some(({ key }) =>
            ['LISTED_TURN', 'RECENT', 'TURN'].includes(key.kind),
          );
          if (isEnd && writes++ >= at) throw new Error('crash');
        },
      });

      await follow(service, 150, dying).catch(() => {});
      const listed = [...service.rows('RECENT'), ...service.rows('LISTED_TURN')];
      const partitions = new Set(listed.map(({ key }) => key.pk));
      for (let pass = 0; pass < 4; pass++) await service.pass(300_000);

      expect(writes, `crash at ${at}`).toBeGreaterThan(at);
      expect(partitions.size, `crash at ${at}`).toBe(2);
      expect(service.rows('RECENT')).toEqual([]);
      expect(service.rows('LISTED_TURN')).toHaveLength(2);
      expect(service.rows('TURN').filter(({ item }) => item.dueAt !== undefined)).toEqual([]);
      expect((await service.list()).map((memory) => memory.id)).toEqual([id]);
    }
  });

  it.each([true, false])(
    'a turn that is erased meanwhile is listed no more in the end (infer: %s)',
    async (infer) => {
      const service = openCoreFixture();
      const { turn } = await service.add('I live in Lisbon.', undefined, { options: { infer } });
      await service.refine();
      const [id = ''] = (await service.store.get(turnKey(project, turn)))?.memoryIds ?? [];
      let isErased = false;
      const worker = service.intercepted({
        before: async ({ steps }) => {
          if (isErased || !steps.some(({ key }) => key.kind === 'LISTED_TURN')) return;
          isErased = true;
          await deleteMemory(service.platform, project, id);
          await service.work();
        },
      });

      await follow(service, 150, worker);
      for (let pass = 0; pass < 4; pass++) await service.pass(300_000);

      expect(isErased).toBe(true);
      expect(service.rows('LISTED_TURN')).toEqual([]);
      expect(service.rows('RECENT')).toEqual([]);
      expect(service.kindsSaying('Lisbon')).toEqual([]);
    },
  );
});
