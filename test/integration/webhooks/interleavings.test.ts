import { describe, expect, it } from 'vitest';
import { holdsRecovery } from '../../../shared/core/conditions.ts';
import { eraseNotification } from '../../../shared/core/erasure/erase-notification.ts';
import { disableEndpoint } from '../../../shared/core/webhooks/disable-endpoint.ts';
import { pauseEndpoint, resumeEndpoint } from '../../../shared/core/webhooks/hold.ts';
import { cancelRecovery, startRecovery } from '../../../shared/core/webhooks/recoveries.ts';
import { resendDelivery } from '../../../shared/core/webhooks/resend.ts';
import { revealSecrets, rotateSecret } from '../../../shared/core/webhooks/rotate-secret.ts';
import type { ItemKind } from '../../../shared/domain/table/items.ts';
import { notificationKey } from '../../../shared/domain/table/keys.ts';
import { statusOf } from '../../../shared/domain/webhooks/delivery.ts';
import type { Hint } from '../../../shared/ports/queue.ts';
import { begun } from '../../support/begun.ts';
import { type StoreCall, writesOf } from '../../support/intercepted-store.ts';
import { interrupted, oneDelivery } from '../../support/interrupted.ts';
import { minuteMs, openWebhookWorld } from '../../support/webhook-world.ts';
import { project } from '../../support/world.ts';

const writes =
  (kind: ItemKind) =>
  ({ steps }: StoreCall): boolean =>
    writesOf(steps, kind).length > 0;

describe('what comes in between', () => {
  it('a resend while its delivery is put in line is not put in line with it', async () => {
    const { world, endpoint, id } = await oneDelivery();
    await pauseEndpoint(world.platform, project, endpoint.id);
    const who = interrupted(world, writes('PARK'), () =>
      resendDelivery(world.platform, project, id),
    );

    await world.tell(who);

    const { attempts } = await world.delivery();
    expect(attempts.map(({ trigger, ok }) => [trigger, ok])).toEqual([['manual', true]]);
  });

  it('a resend outlives the cancelling of the recovery that its delivery waits for', async () => {
    const world = openWebhookWorld({ webhookSchedule: [0] });
    const { id: endpoint } = await world.endpoint();
    world.receiver.next(500);
    await world.fact();
    await world.tell();
    await pauseEndpoint(world.platform, project, endpoint);
    const recovery = begun(await startRecovery(world.platform, project, endpoint, { since: 0 }));
    const work: Hint = {
      v: 1,
      kind: 'recovery',
      project,
      endpoint,
      recovery: recovery.id,
    };
    const { id } = (await world.delivery()).delivery;
    const isInLine = ({ steps }: StoreCall): boolean =>
      steps.some(({ when }) => when?.name === holdsRecovery('').name) &&
      world.rows('PARK').length > 0;
    const who = interrupted(world, isInLine, async () => {
      await resendDelivery(world.platform, project, id);
      await cancelRecovery(world.platform, project, endpoint, recovery.id);
    });
    await world.perform(work, who);
    while (world.notices.take());

    await world.perform(work, world.platform);
    const { delivery } = await world.delivery();
    await world.later(0);

    expect(delivery).toMatchObject({ state: 'exhausted', manualRequested: true });
    expect((await world.delivery()).delivery).toMatchObject({ state: 'succeeded' });
  });

  it('an endpoint that is disabled while something passes its gate is not sent it', async () => {
    const { world, endpoint } = await oneDelivery();
    const who = interrupted(world, writes('GATE'), () =>
      disableEndpoint(world.platform, endpoint, 'gone'),
    );

    await world.tell(who);

    expect(world.receiver.posts).toEqual([]);
    expect(world.deliveries().map(statusOf)).toEqual(['queued']);
  });

  it('a process that stands still before it claims has the whole lease from then on', async () => {
    const { world } = await oneDelivery();
    const who = interrupted(
      world,
      ({ at }) => at === 1,
      () => world.clock.advance(minuteMs),
    );

    await world.tell(who);

    const { delivery } = await world.delivery();
    expect(delivery).toMatchObject({ state: 'succeeded', attempts: 1 });
  });

  it('a process that stands still until its lease is over posts nothing any more', async () => {
    const { world } = await oneDelivery();
    const who = interrupted(
      world,
      ({ keys }) => keys.some(({ kind }) => kind === 'SECRET'),
      () => world.later(minuteMs),
    );

    await world.tell(who);

    expect(world.receiver.posts).toHaveLength(1);
    expect((await world.delivery()).delivery).toMatchObject({ state: 'succeeded', attempts: 2 });
  });

  it('an empty page of the line is not taken for its end', async () => {
    const world = openWebhookWorld();
    const { id } = await world.endpoint();
    await pauseEndpoint(world.platform, project, id);
    for (let fact = 0; fact < 3; fact++) await world.fact();
    await world.tell();
    const { store } = world.platform;
    const query: typeof store.query = async (range) =>
      range.kind === 'PARK' && range.after === undefined
        ? { items: [], next: range.prefix }
        : store.query(range);

    await resumeEndpoint(world.platform, project, id);
    await world.tell({ ...world.platform, store: { ...store, query } });

    expect(world.deliveries().map(statusOf)).toEqual(['succeeded', 'succeeded', 'succeeded']);
  });

  it('a text that is erased while a receiver repeats it is not kept with the attempt', async () => {
    const { world } = await oneDelivery();
    world.receiver.next(async ({ headers, body }) => {
      const key = notificationKey(project, headers['webhook-id'] ?? '');
      const item = await world.store.get(key);
      if (item) await eraseNotification(world.platform, item);
      return { status: 200, body: Buffer.from(body).toString() };
    });

    await world.tell();

    const { delivery, attempts } = await world.delivery();
    expect(delivery.state).toBe('succeeded');
    expect(attempts).toHaveLength(1);
    expect(JSON.stringify(attempts)).not.toContain('Fact 1.');
  });

  it('two rotations at once give an endpoint two more secrets', async () => {
    const world = openWebhookWorld();
    const { id } = await world.endpoint();
    const who = interrupted(
      world,
      ({ method }) => method === 'query',
      () => rotateSecret(world.platform, project, id),
    );

    const rotated = await rotateSecret(who, project, id);

    expect(rotated.outcome).toBe('rotated');
    expect(await revealSecrets(world.platform, project, id)).toHaveLength(3);
  });
});
