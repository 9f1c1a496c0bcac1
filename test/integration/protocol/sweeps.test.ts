import { describe, expect, it } from 'vitest';
import { sweep } from '../../../shared/core/sweep.ts';
import { memoryKey, pendingKey } from '../../../shared/domain/table/keys.ts';
import type { Hint } from '../../../shared/ports/queue.ts';
import { memory } from '../../contract/store-harness.ts';
import { alice, type CoreFixture, openCoreFixture, project } from '../../support/core-fixture.ts';

const allLimits = { maxItems: 1_000_000, maxMs: 60_000 };

const takeAll = ({ hints }: CoreFixture): Hint[] => {
  const taken: Hint[] = [];
  for (let hint = hints.take(); hint; hint = hints.take()) taken.push(hint);
  return taken;
};

/** Writes memories that are due for indexing, one millisecond after the other. */
const writeDueMemories = async (service: CoreFixture, count: number, since: number) => {
  for (let n = 0; n < count; n += 100)
    await service.store.transact(
      Array.from({ length: Math.min(100, count - n) }, (_, i) => {
        const id = `m${n + i}`;
        const item = { ...memory(project, { id }), dueAt: since + n + i };
        return { op: 'put' as const, key: memoryKey(project, id), item };
      }),
    );
};

/** Writes pending turns, each of a scope of its own, that are due since a time. */
const writeDueTurns = async (service: CoreFixture, count: number, since: number) => {
  for (let n = 0; n < count; n += 100)
    await service.store.transact(
      Array.from({ length: Math.min(100, count - n) }, (_, i) => {
        const scope = `user#u${n + i}`;
        const turn = { turn: 't', event: 'e', project, scope, failures: 0, dueAt: since };
        return { op: 'put' as const, key: pendingKey(project, scope, 't'), item: turn };
      }),
    );
};

describe('a sweep', () => {
  it('a lost hint at a turn is sent again however many memories have been due for longer', async () => {
    const service = openCoreFixture();
    await writeDueMemories(service, 300, service.clock.now() - 600_000);
    service.hints.become('losing');
    await service.add('I live in Lisbon.');
    service.hints.become('sound');

    await sweep(service.platform, { maxItems: 100, maxMs: 60_000 });

    expect(takeAll(service)[0]).toMatchObject({ kind: 'refine', scope: 'user#alice' });
  });

  it('a sweep hints at all due items, in pages', async () => {
    const service = openCoreFixture();
    await writeDueTurns(service, 4_500, service.clock.now() - 1_000);

    const { hints } = await sweep(service.platform, allLimits);

    const scopes = takeAll(service).map((hint) => ('scope' in hint ? hint.scope : ''));
    expect(new Set(scopes).size).toBe(4_500);
    expect(hints).toBe(4_500);
  });

  it('a sweep whose time is over leaves the rest to the next one', async () => {
    const service = openCoreFixture();
    await writeDueTurns(service, 4_500, service.clock.now() - 1_000);
    const slow = service.intercepted({
      async before({ method }) {
        if (method === 'due') await service.clock.advance(10_000);
      },
    });

    const { hints } = await sweep(slow, { maxItems: 1_000_000, maxMs: 5_000 });

    expect(hints).toBe(2_000);
  });

  it('of many items that have been due for hours, each is hinted at in one of sixteen sweeps', async () => {
    const service = openCoreFixture();
    const behind = 400;
    await writeDueTurns(service, 2_000 + behind, service.clock.now() - 10 * 3_600_000);

    const counts: number[] = [];
    const scopes = new Set<string>();
    for (let minute = 0; minute < 16; minute++) {
      const { hints } = await sweep(service.platform, allLimits);
      counts.push(hints - 2_000);
      for (const hint of takeAll(service)) if ('scope' in hint) scopes.add(hint.scope);
      await service.clock.advance(60_000);
    }

    expect(counts.reduce((sum, count) => sum + count)).toBe(behind);
    expect(Math.max(...counts)).toBeLessThan(behind / 2);
    expect(scopes.size).toBe(2_000 + behind);
  });
});

describe('work that is due some time after a refinement', () => {
  it('entries are checked and direct reads end without any sweep', async () => {
    const service = openCoreFixture();
    await service.learn('I live in Lisbon.');

    for (let minute = 0; minute < 4; minute++) {
      await service.clock.advance(60_000);
      await service.work();
    }

    expect(service.rows('RECENT')).toEqual([]);
    expect(service.rows('MEMORY').map(({ item }) => item.dueAt)).toEqual([undefined]);
    expect(service.rows('LISTED_TURN').length).toBeGreaterThan(0);
  });

  it('an entry that the index shows late is found without any sweep', async () => {
    const service = openCoreFixture();
    service.index.lag();
    await service.learn('I live in Lisbon.');
    await service.clock.advance(30_000);
    await service.work();
    await service.index.catchUp();

    for (let minute = 0; minute < 4; minute++) {
      await service.clock.advance(60_000);
      await service.work();
    }

    expect(service.rows('RECENT')).toEqual([]);
    expect(await service.search('Lisbon', alice)).toHaveLength(1);
  });
});
