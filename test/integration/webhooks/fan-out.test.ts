import { describe, expect, it } from 'vitest';
import { scopeOf } from '../../../shared/domain/memory/entities.ts';
import { matchesSubscription } from '../../../shared/domain/webhooks/endpoint.ts';
import type { EventType } from '../../../shared/domain/webhooks/event-types.ts';
import type { Fact } from '../../../shared/domain/webhooks/outbox.ts';
import { alice, project } from '../../support/core-fixture.ts';
import { learning, rewriting } from '../../support/scripted-model.ts';
import { openWebhookFixture } from '../../support/webhook-fixture.ts';

const turnFacts = (event: string): Fact[] => [
  { type: 'event.succeeded', event },
  { type: 'memory_add', event, memory: 'm1', text: 'Tea.', metadata: {}, categories: [] },
];

describe('fan-out', () => {
  it('a turn is delivered as pending, then its memories, then succeeded', async () => {
    const service = openWebhookFixture();
    await service.endpoint({ ordered: true });
    service.model.next(learning('Alice lives in Lisbon.'));

    await service.learn('I live in Lisbon.');
    await service.dispatch();

    expect(service.receiver.typesOf()).toEqual(['event.pending', 'memory_add', 'event.succeeded']);
    const [, added] = service.receiver.posts;
    expect(added?.payload).toMatchObject({
      type: 'memory_add',
      data: { project, user_id: 'alice', new_text: 'Alice lives in Lisbon.' },
      event_details: { data: { memory: 'Alice lives in Lisbon.' }, event: 'ADD' },
    });
  });

  it('the notification of a changed memory has its old and its new text', async () => {
    const service = openWebhookFixture();
    await service.endpoint({ eventTypes: ['memory_update'] });
    service.model.next(learning('Alice lives in Lisbon.'));
    await service.learn('I live in Lisbon.');
    service.model.next(rewriting('Lisbon', 'Alice lives in Porto.'));

    await service.learn('I left Lisbon and live in Porto now.');
    await service.dispatch();

    expect(service.receiver.posts.map(({ payload }) => payload.data)).toMatchObject([
      { old_text: 'Alice lives in Lisbon.', new_text: 'Alice lives in Porto.' },
    ]);
  });

  it('the pending notification of a turn is created before those of its result', async () => {
    const service = openWebhookFixture();
    await service.endpoint();
    const now = service.clock.now();
    await service.fact({ id: 't1.pending', facts: [{ type: 'event.pending', event: 'e1' }] });
    await service.fact({ id: 't1.end', facts: turnFacts('e1'), createdAt: now });
    const [, end] = [service.notices.take(), service.notices.take()];

    if (end) await service.perform(end, service.platform);

    const listed = service
      .rows('NOTIFICATION')
      .map(({ item }) => ({ at: item.listSk ?? '', type: 'type' in item ? item.type : '' }))
      .sort((a, b) => (a.at < b.at ? -1 : 1));
    expect(listed.map(({ type }) => type)).toEqual([
      'event.pending',
      'memory_add',
      'event.succeeded',
    ]);
  });

  it('fan-out repeated concurrently or later creates nothing twice', async () => {
    const service = openWebhookFixture();
    await service.endpoint();
    await service.endpoint({ ordered: true });
    const id = await service.fact();
    const hint = { v: 1, kind: 'outbox', project, scope: scopeOf(alice), outbox: id } as const;

    await Promise.all(Array.from({ length: 20 }, () => service.perform(hint, service.platform)));
    await service.perform(hint, service.platform);
    await service.dispatch();

    expect(service.rows('NOTIFICATION')).toHaveLength(1);
    expect(service.rows('DELIVERY')).toHaveLength(2);
    expect(service.receiver.posts).toHaveLength(2);
  });

  it('fan-out reaches more endpoints than one transaction holds', async () => {
    const service = openWebhookFixture();
    for (let n = 0; n < 130; n++) await service.endpoint({ url: `https://example.com/${n}` });
    for (let n = 0; n < 30; n++)
      await service.endpoint({ url: `https://example.com/ordered/${n}`, ordered: true });

    await service.fact();
    await service.dispatch();

    expect(new Set(service.receiver.posts.map(({ url }) => url)).size).toBe(160);
    expect(service.rows('OUTBOX')).toEqual([]);
  });

  it('fan-out stores nothing in a project without endpoints and polling', async () => {
    const service = openWebhookFixture();

    await service.fact();
    await service.dispatch();

    expect([...service.rows('NOTIFICATION'), ...service.rows('OUTBOX')]).toEqual([]);
  });

  it('fan-out misses no endpoint that was created before the fact', async () => {
    const service = openWebhookFixture();
    await service.endpoint({ url: 'https://example.com/1' });
    await service.fact();
    await service.dispatch();
    await service.endpoint({ url: 'https://example.com/2' });

    await service.fact();
    await service.dispatch();

    expect(service.receiver.at('https://example.com/2')).toHaveLength(1);
  });
});

describe('an endpoint', () => {
  const asks = (eventTypes: string[], type: EventType) =>
    matchesSubscription(
      { id: 'e', eventTypes, filters: {} },
      { type, subject: { entities: alice } },
    );

  it('an endpoint subscribes to exact types, to wildcards, or to everything', () => {
    expect(asks(['memory_add'], 'memory_add')).toBe(true);
    expect(asks(['memory_add'], 'memory_update')).toBe(false);
    expect(asks(['memory_*'], 'memory_delete')).toBe(true);
    expect(asks(['event.*'], 'event.failed')).toBe(true);
    expect(asks(['event.*'], 'memory_add')).toBe(false);
    expect(asks(['*'], 'endpoint.disabled')).toBe(true);
    expect(asks([], 'memory_categorize')).toBe(true);
  });

  it('an endpoint receives only facts of the users, agents, apps and runs of its filters', async () => {
    const service = openWebhookFixture();
    await service.endpoint({ filters: { user: ['alice', 'carol'] } });

    await service.fact({ entities: { user: 'alice' } });
    await service.fact({ entities: { user: 'bob' } });
    await service.fact({ entities: { agent: 'alice' } });
    await service.dispatch();

    expect(service.receiver.posts.map(({ payload }) => payload.data.user_id)).toEqual(['alice']);
  });
});
