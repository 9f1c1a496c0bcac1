import { describe, expect, it } from 'vitest';
import { sweep } from '../../../shared/core/sweep.ts';
import { alice, openWorld, type World } from '../../support/world.ts';

describe('an index that was given an entry', () => {
  const counting = (world: World) => {
    let given = 0;
    const vectorIndex = {
      ...world.index,
      upsert: (...args: Parameters<typeof world.index.upsert>) => {
        given += 1;
        return world.index.upsert(...args);
      },
    };
    return { platform: { ...world.platform, vectorIndex }, given: () => given };
  };
  const lookAt = async (world: World, ms: number, platform: World['platform']) => {
    await world.clock.advance(ms);
    await sweep(platform);
    await world.work(platform);
  };

  it('is asked whether it shows it, not given it again', async () => {
    const world = openWorld();
    world.index.lag();
    const { platform, given } = counting(world);
    await world.add('I live in Lisbon.');
    await world.refine(alice, platform);

    for (let look = 0; look < 20; look++) await lookAt(world, 2_500, platform);
    const lagging = given();
    await world.index.catchUp();
    await lookAt(world, 2_500, platform);

    expect(lagging).toBe(1);
    expect(given()).toBe(1);
    expect(world.rows('MEMORY')).toMatchObject([{ item: { visibleAt: world.clock.now() } }]);
  });

  it('and has lost it is given it again after a minute', async () => {
    const world = openWorld();
    world.index.lag();
    const { platform, given } = counting(world);
    await world.add('I live in Lisbon.');
    await world.refine(alice, platform);

    for (let look = 0; look < 30; look++) await lookAt(world, 2_500, platform);

    expect(given()).toBe(2);
  });
});
