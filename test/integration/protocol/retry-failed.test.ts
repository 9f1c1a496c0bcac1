import { describe, expect, it } from 'vitest';
import { getEvent } from '../../../shared/core/events.ts';
import { eventsByAge, retryFailed } from '../../../shared/core/retry-failed.ts';
import { RetryableError, TerminalError } from '../../../shared/domain/errors.ts';
import { type CoreFixture, openCoreFixture, project } from '../../support/core-fixture.ts';
import { failing } from '../../support/scripted-model.ts';

const dayMs = 86_400_000;

/** Adds a turn of a new user that fails with the given error. */
const failOne = async (service: CoreFixture, user: string, error: Error): Promise<string> => {
  const { event } = await service.add('I live in Lisbon.', { user });
  const times = error instanceof TerminalError ? 1 : 2;
  service.model.next(...Array.from({ length: times }, () => failing(error)));
  await service.refine({ user });
  await service.clock.advance(1_000);
  await service.refine({ user });
  return event;
};
const transient = (code: string) => new RetryableError(code, 'Temporarily down.');

const statusOf = async (service: CoreFixture, event: string) =>
  (await getEvent(service.platform, project, event))?.status;
const statusesOf = (service: CoreFixture, events: readonly string[]) =>
  Promise.all(events.map((event) => statusOf(service, event)));

describe('retrying in bulk', () => {
  it('a bulk retry retries every failed event, over several pages and months', async () => {
    const service = openCoreFixture({ refineSchedule: [1] });
    const events: string[] = [];
    for (let n = 0; n < 40; n++) {
      events.push(await failOne(service, `user-${n}`, transient('model_invalid_answer')));
      if (n === 20) await service.clock.advance(20 * dayMs);
    }
    const since = service.clock.now() - 30 * dayMs;

    const counts = await retryFailed(service.platform, project, { since });
    const again = await retryFailed(service.platform, project, { since });
    await service.pass(1_000);

    expect(counts).toEqual({ seen: 40, retried: 40 });
    expect(again.retried).toBe(0);
    expect(new Set(await statusesOf(service, events))).toEqual(new Set(['SUCCEEDED']));
  });

  it('a bulk retry skips events that failed terminally, earlier, for another reason, or not at all', async () => {
    const service = openCoreFixture({ refineSchedule: [1] });
    const early = await failOne(service, 'a', transient('model_unavailable'));
    await service.clock.advance(2 * dayMs);
    const since = service.clock.now();
    const wanted = await failOne(service, 'b', transient('model_unavailable'));
    const other = await failOne(service, 'c', transient('model_invalid_answer'));
    const final = await failOne(service, 'd', new TerminalError('model_unavailable', 'For good.'));
    const fine = await service.add('I like tea.', { user: 'e' });
    await service.refine({ user: 'e' });

    const { retried } = await retryFailed(service.platform, project, {
      since,
      code: 'model_unavailable',
    });

    expect(retried).toBe(1);
    expect(await statusesOf(service, [early, wanted, other, final, fine.event])).toEqual([
      'FAILED',
      'PENDING',
      'FAILED',
      'FAILED',
      'SUCCEEDED',
    ]);
  });

  it('an interrupted bulk retry continues where it stopped', async () => {
    const service = openCoreFixture({ refineSchedule: [1] });
    const events: string[] = [];
    for (let n = 0; n < 40; n++)
      events.push(await failOne(service, `user-${n}`, transient('model_invalid_answer')));
    const breakOff = ({ retried }: { retried: number }) => {
      if (retried >= 16) throw new Error('broken off');
    };

    const first = retryFailed(service.platform, project, { since: 0 }, breakOff);
    await expect(first).rejects.toThrow('broken off');
    const rest = await retryFailed(service.platform, project, { since: 0 });

    expect(rest.retried).toBe(24);
    expect(await statusesOf(service, events.slice(0, 16))).not.toContain('FAILED');
  });
});

describe('the events since a time', () => {
  it('are read without those before, in the same month and in earlier ones', async () => {
    const service = openCoreFixture();
    const addDaily = async (days: number): Promise<string[]> => {
      const events: string[] = [];
      for (let day = 0; day < days; day += 1) {
        events.push((await service.add('I live in Lisbon.', { user: 'a' })).event);
        await service.clock.advance(dayMs);
      }
      return events;
    };
    await addDaily(70);
    const since = service.clock.now();
    const wanted = await addDaily(3);
    const read: string[] = [];
    const { store, clock } = service.platform;
    const counted = {
      clock,
      store: {
        ...store,
        list: async (range: Parameters<typeof store.list>[0]) => {
          const page = await store.list(range);
          read.push(...page.items.map(({ key }) => key.pk));
          return page;
        },
      } as typeof store,
    };

    const found: string[] = [];
    for await (const { id } of eventsByAge(counted, project, since)) found.push(id);
    const readSince = read.length;
    let all = 0;
    for await (const _ of eventsByAge(counted, project)) all += 1;

    expect(found).toEqual(wanted);
    expect(readSince).toBe(wanted.length);
    expect(all).toBe(73);
  });
});
