import { describe, expect, it } from 'vitest';
import { acceptGroup } from '../../../shared/core/accept-group.ts';
import { deleteAll } from '../../../shared/core/erasure/delete-all.ts';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { getGroup } from '../../../shared/core/group-events.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { type CoreFixture, openCoreFixture, project, request } from '../../support/core-fixture.ts';
import { writesOf } from '../../support/intercepted-store.ts';

const window = { repeatWindowMs: 60_000 };
const to = (...users: string[]) => {
  const [first, ...others] = users.map((user) => ({
    ...request('I like tea.', { user }),
    ...window,
  }));
  if (!first) throw new Error('A group has an owner.');
  return [first, ...others] as const;
};

const turns = (service: CoreFixture) => service.rows('TURN').length;
const send = (service: CoreFixture, users: string[], actor = service.platform) =>
  acceptGroup(actor, project, to(...users));
const eventOf = (answer: Awaited<ReturnType<typeof send>>): string =>
  'event' in answer ? answer.event : '';

const turnOf = (answer: Awaited<ReturnType<typeof send>>): string =>
  'turn' in answer ? answer.turn : '';
const edit = (platform: Platform, of: string, id: string) =>
  updateMemory(platform, of, id, { text: 'I like coffee.' });
const deleteOwner = (platform: Platform, of: string) => deleteAll(platform, of, { user: 'ana' });

describe('a request for several owners', () => {
  it('each owner has a turn, and the first event leads to all', async () => {
    const service = openCoreFixture();

    const event = eventOf(await send(service, ['ana', 'ben', 'eva']));
    const events = await getGroup(service.platform, project, event);

    expect(events.map(({ entities }) => entities.user)).toEqual(['ana', 'ben', 'eva']);
    expect(events[0]?.id).toBe(event);
    expect(turns(service)).toBe(3);
  });

  it.each([1, 2])(
    'a repeat after a crash that left %i turns accepts what is missing, and nothing twice',
    async (left) => {
      const service = openCoreFixture();
      let committed = 0;
      const crashing = service.intercepted({
        before: ({ steps }) => {
          if (writesOf(steps, 'TURN').length > 0 && committed++ >= left) throw new Error('crash');
        },
      });

      await expect(send(service, ['ana', 'ben', 'eva'], crashing)).rejects.toThrow('crash');
      const before = turns(service);
      const first = await send(service, ['ana', 'ben', 'eva']);
      const again = await send(service, ['ana', 'ben', 'eva']);

      expect(before).toBe(left);
      expect([first.outcome, again.outcome]).toEqual(['replayed', 'replayed']);
      expect(eventOf(again)).toBe(eventOf(first));
      expect(await getGroup(service.platform, project, eventOf(again))).toHaveLength(3);
      expect(turns(service)).toBe(3);
    },
  );

  it('a repeat whose turns are refined already finds the same events', async () => {
    const service = openCoreFixture();
    const first = await send(service, ['ana', 'ben']);
    await service.work();

    const again = await send(service, ['ana', 'ben']);

    expect(again).toEqual({ ...first, outcome: 'replayed' });
    expect(turns(service)).toBe(2);
  });

  it('requests for other owners are other requests', async () => {
    const service = openCoreFixture();
    await send(service, ['ana', 'ben']);

    const other = await send(service, ['ana', 'eva']);
    const alone = await send(service, ['ana']);

    expect([other.outcome, alone.outcome]).toEqual(['accepted', 'accepted']);
    expect(turns(service)).toBe(5);
  });

  it('a key that was used for other owners is refused and writes nothing', async () => {
    const service = openCoreFixture();
    const [ana, ben] = to('ana', 'ben');
    const [, eva] = to('ana', 'eva');
    const keyed = { ...ana, idempotencyKey: 'k1' };
    if (!ben || !eva) throw new Error('Two owners are given.');
    await acceptGroup(service.platform, project, [keyed, ben]);
    const before = service.rows();

    const other = await acceptGroup(service.platform, project, [keyed, eva]);

    expect(other).toEqual({ outcome: 'key_reused' });
    expect(service.rows()).toEqual(before);
  });
});

describe('a request with a window for repeats', () => {
  it('is recognised throughout the window, also once its event is final, and not longer', async () => {
    const service = openCoreFixture();
    const [asked] = to('ana');
    const first = await service.accept(asked);
    await service.work();

    await service.clock.advance(59_000);
    const soon = await service.accept({ ...asked });
    await service.clock.advance(1_000);
    const late = await service.accept({ ...asked });

    expect(soon).toEqual({ ...first, outcome: 'replayed' });
    expect(late.outcome).toBe('accepted');
  });

  const say = (service: CoreFixture, text: string) =>
    service.accept({ ...request(text, { user: 'ana' }), ...window });

  it('is a new turn once the owner has a newer one, refined or not', async () => {
    const service = openCoreFixture();
    const outcomes: string[] = [];

    for (const text of ['I live in Oslo.', 'I live in Bergen.', 'I live in Oslo.']) {
      outcomes.push((await say(service, text)).outcome);
      outcomes.push((await say(service, text)).outcome);
      await service.work();
      outcomes.push((await say(service, text)).outcome);
    }

    const each = ['accepted', 'replayed', 'replayed'];
    expect(outcomes).toEqual([...each, ...each, ...each]);
  });

  it('of another owner leaves it a repeat', async () => {
    const service = openCoreFixture();
    await say(service, 'I like tea.');
    await service.accept({ ...request('I like tea.', { user: 'ben' }), ...window });

    const again = await say(service, 'I like tea.');

    expect(again.outcome).toBe('replayed');
  });

  it.each([
    ['is still rough', false],
    ['is refined', true],
  ])('is a new turn once the first, which %s, was deleted or edited', async (_, isRefined) => {
    const service = openCoreFixture();
    const outcomes: string[] = [];

    for (const change of [deleteMemory, edit, deleteOwner]) {
      const first = await say(service, 'I like tea.');
      if (isRefined) await service.work();
      await change(service.platform, project, turnOf(first));
      outcomes.push(first.outcome, (await say(service, 'I like tea.')).outcome);
      await deleteOwner(service.platform, project);
    }

    expect(outcomes).toEqual(Array.from({ length: 6 }, () => 'accepted'));
  });

  it('of several owners is new once the memory of one of them was deleted', async () => {
    const service = openCoreFixture();
    const first = await send(service, ['ana', 'ben']);
    await service.work();
    const [, ben] = await getGroup(service.platform, project, eventOf(first));
    await deleteMemory(service.platform, project, ben?.turn ?? '');

    const again = await send(service, ['ana', 'ben']);

    expect(again.outcome).toBe('accepted');
    expect(turns(service)).toBe(4);
  });
});
