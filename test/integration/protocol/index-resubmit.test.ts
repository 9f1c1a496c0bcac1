import { describe, expect, it } from 'vitest';
import { sweep } from '../../../shared/core/sweep.ts';
import { alice, type CoreFixture, openCoreFixture } from '../../support/core-fixture.ts';

describe('an index that was given an entry', () => {
  const counting = (service: CoreFixture, kind: 'memory' | 'message') => {
    let given = 0;
    const vectorIndex = {
      ...service.index,
      upsert: (...[of, entries]: Parameters<typeof service.index.upsert>) => {
        given += entries.filter((entry) => entry.class === kind).length;
        return service.index.upsert(of, entries);
      },
    };
    return { platform: { ...service.platform, vectorIndex }, given: () => given };
  };
  const lookAt = async (service: CoreFixture, ms: number, platform: CoreFixture['platform']) => {
    await service.clock.advance(ms);
    await sweep(platform);
    await service.work(platform);
  };

  it.each(['memory', 'message'] as const)(
    'a submitted entry of a %s that is not visible yet is polled for, not submitted again',
    async (kind) => {
      const service = openCoreFixture();
      service.index.lag();
      const { platform, given } = counting(service, kind);
      await service.add('I live in Lisbon.');
      await service.refine(alice, platform);

      for (let look = 0; look < 3; look++) await lookAt(service, 10_000, platform);
      const lagging = given();
      await service.index.catchUp();
      await lookAt(service, 10_000, platform);
      const seenAt = service.clock.now();
      const before = service.rows('MEMORY').map(({ item }) => 'visibleAt' in item);
      await lookAt(service, 60_000, platform);

      expect(lagging).toBe(1);
      expect(given()).toBe(1);
      expect(before).toEqual([false]);
      expect(service.rows('MEMORY')).toMatchObject([{ item: { visibleAt: seenAt } }]);
    },
  );

  it.each(['memory', 'message'] as const)(
    'an entry of a %s that the index lost is submitted again after a minute',
    async (kind) => {
      const service = openCoreFixture();
      service.index.lag();
      const { platform, given } = counting(service, kind);
      await service.add('I live in Lisbon.');
      await service.refine(alice, platform);

      for (let look = 0; look < 11; look++) await lookAt(service, 10_000, platform);

      expect(given()).toBe(2);
    },
  );
});
