import { describe, expect, it } from 'vitest';
import { getEvent } from '../../../shared/core/events.ts';
import { retryFailed } from '../../../shared/core/retry-failed.ts';
import { RetryableError, TerminalError } from '../../../shared/domain/errors.ts';
import { failing } from '../../support/scripted-model.ts';
import { openWorld, project, type World } from '../../support/world.ts';

const dayMs = 86_400_000;

/** A turn of a user of its own that failed with this. */
const failOne = async (world: World, user: string, error: Error): Promise<string> => {
  const { event } = await world.add('I live in Lisbon.', { user });
  const times = error instanceof TerminalError ? 1 : 2;
  world.model.next(...Array.from({ length: times }, () => failing(error)));
  await world.refine({ user });
  await world.clock.advance(1_000);
  await world.refine({ user });
  return event;
};
const passing = (code: string) => new RetryableError(code, 'It may pass.');

const statusOf = async (world: World, event: string) =>
  (await getEvent(world.platform, project, event))?.status;
const statusesOf = (world: World, events: readonly string[]) =>
  Promise.all(events.map((event) => statusOf(world, event)));

describe('retrying in bulk', () => {
  it('gives every failed event a fresh budget, more than a page of them, across months', async () => {
    const world = openWorld({ refineSchedule: [1] });
    const events: string[] = [];
    for (let n = 0; n < 40; n++) {
      events.push(await failOne(world, `user-${n}`, passing('model_junk')));
      if (n === 20) await world.clock.advance(20 * dayMs);
    }
    const since = world.clock.now() - 30 * dayMs;

    const counts = await retryFailed(world.platform, project, { since });
    const again = await retryFailed(world.platform, project, { since });
    await world.pass(1_000);

    expect(counts).toEqual({ seen: 40, retried: 40 });
    expect(again.retried).toBe(0);
    expect(new Set(await statusesOf(world, events))).toEqual(new Set(['SUCCEEDED']));
  });

  it('leaves what failed for good, earlier, for another reason, or did not fail', async () => {
    const world = openWorld({ refineSchedule: [1] });
    const early = await failOne(world, 'a', passing('model_unavailable'));
    await world.clock.advance(2 * dayMs);
    const since = world.clock.now();
    const wanted = await failOne(world, 'b', passing('model_unavailable'));
    const other = await failOne(world, 'c', passing('model_junk'));
    const final = await failOne(world, 'd', new TerminalError('model_unavailable', 'For good.'));
    const fine = await world.add('I like tea.', { user: 'e' });
    await world.refine({ user: 'e' });

    const { retried } = await retryFailed(world.platform, project, {
      since,
      code: 'model_unavailable',
    });

    expect(retried).toBe(1);
    expect(await statusesOf(world, [early, wanted, other, final, fine.event])).toEqual([
      'FAILED',
      'PENDING',
      'FAILED',
      'FAILED',
      'SUCCEEDED',
    ]);
  });

  it('goes on where it was broken off', async () => {
    const world = openWorld({ refineSchedule: [1] });
    const events: string[] = [];
    for (let n = 0; n < 40; n++)
      events.push(await failOne(world, `user-${n}`, passing('model_junk')));
    const breakOff = ({ retried }: { retried: number }) => {
      if (retried >= 16) throw new Error('broken off');
    };

    const first = retryFailed(world.platform, project, { since: 0 }, breakOff);
    await expect(first).rejects.toThrow('broken off');
    const rest = await retryFailed(world.platform, project, { since: 0 });

    expect(rest.retried).toBe(24);
    expect(await statusesOf(world, events.slice(0, 16))).not.toContain('FAILED');
  });
});
