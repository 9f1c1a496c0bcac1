import { describe, expect, it } from 'vitest';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { scopeOf } from '../../../shared/domain/memory/entities.ts';
import { endOutboxId } from '../../../shared/domain/webhooks/outbox.ts';
import type { ProposedChange } from '../../../shared/ports/language-model.ts';
import { alice, project } from '../../support/core-fixture.ts';
import { proposing } from '../../support/scripted-model.ts';
import { openWebhookFixture, type WebhookFixture } from '../../support/webhook-fixture.ts';

const inLisbon: ProposedChange = {
  turn: 0,
  type: 'ADD',
  text: 'Alice lives in Lisbon.',
  categories: ['home'],
};
const inPorto: ProposedChange = {
  turn: 0,
  type: 'UPDATE',
  target: { memory: 0 },
  text: 'Alice lives in Porto.',
};

const learn = (service: WebhookFixture, ...changes: ProposedChange[]): Promise<string[]> => {
  service.model.next(proposing(...changes));
  return service.learn('I live in Lisbon.');
};

const categoriesSent = ({ receiver }: WebhookFixture): unknown[] =>
  receiver.posts
    .filter(({ payload }) => payload.type === 'memory_categorize')
    .map(({ payload }) => payload.event_details);

describe('the notification about the categories of a memory', () => {
  it('an ordered endpoint gets it after that about the memory, and before the next one', async () => {
    const service = openWebhookFixture();
    await service.endpoint({ ordered: true });

    const ids = await learn(service, inLisbon, {
      ...inLisbon,
      text: 'Alice has a heron.',
      categories: ['pets', 'home'],
    });
    await service.dispatch();

    expect(service.receiver.typesOf()).toEqual([
      'event.pending',
      'memory_add',
      'memory_categorize',
      'memory_add',
      'memory_categorize',
      'event.succeeded',
    ]);
    expect(categoriesSent(service)).toEqual([
      { event: 'CATEGORIZE', memory_id: ids[0], categories: ['home'] },
      { event: 'CATEGORIZE', memory_id: ids[1], categories: ['pets', 'home'] },
    ]);
  });

  it('a memory without categories, and an update that keeps them, send none', async () => {
    const service = openWebhookFixture();
    await service.endpoint({ eventTypes: ['memory_*'] });
    const { categories: _, ...bare } = inLisbon;
    await learn(service, bare);
    await learn(service, { ...inPorto, categories: ['home'] });

    await learn(service, { ...inPorto, text: 'Alice lives in Faro.', categories: ['home'] });
    await service.dispatch();

    expect(service.receiver.typesOf()).toEqual([
      'memory_add',
      'memory_update',
      'memory_categorize',
      'memory_update',
    ]);
  });

  it('an update to which the model gives no categories keeps those of the memory', async () => {
    const service = openWebhookFixture();
    await service.endpoint({ eventTypes: ['memory_*'] });
    await learn(service, inLisbon);

    await learn(service, inPorto);
    await service.dispatch();

    const updates = service.receiver.posts.filter(
      ({ payload }) => payload.type === 'memory_update',
    );
    expect(updates).toMatchObject([{ payload: { data: { categories: ['home'] } } }]);
  });

  it('is written only if an endpoint subscribes to it', async () => {
    const service = openWebhookFixture();
    await service.endpoint({ eventTypes: ['memory_add', 'event.*'] });

    await learn(service, inLisbon);
    await service.dispatch();

    const types = service.rows('NOTIFICATION').map(({ item }) => 'type' in item && item.type);
    expect(types.toSorted()).toEqual(['event.pending', 'event.succeeded', 'memory_add']);
  });

  it('fan-out that is repeated creates it once', async () => {
    const service = openWebhookFixture();
    await service.endpoint({ eventTypes: ['memory_categorize'] });
    await service.endpoint({ eventTypes: ['memory_categorize'], ordered: true });
    const [turn = ''] = await learn(service, inLisbon);
    const outbox = endOutboxId(turn);
    const hint = { v: 1, kind: 'outbox', project, scope: scopeOf(alice), outbox } as const;

    await Promise.all(Array.from({ length: 10 }, () => service.perform(hint, service.platform)));
    await service.dispatch();

    expect(categoriesSent(service)).toHaveLength(2);
    expect(new Set(service.deliveries().map(({ notification }) => notification)).size).toBe(1);
  });

  it('loses the categories when the memory is deleted before the delivery', async () => {
    const service = openWebhookFixture();
    await service.endpoint({ eventTypes: ['memory_categorize'] });
    const [id = ''] = await learn(service, inLisbon);
    await service.fanOut();

    await deleteMemory(service.platform, project, id);
    await service.dispatch();

    expect(service.receiver.posts.map(({ payload }) => payload)).toMatchObject([
      {
        data: { memory_id: id, categories: [], erased: true },
        event_details: { event: 'CATEGORIZE', memory_id: id, categories: [] },
      },
    ]);
  });

  it('loses the categories when the memory is deleted before the fan-out', async () => {
    const service = openWebhookFixture();
    await service.endpoint({ eventTypes: ['memory_categorize'] });
    const [id = ''] = await learn(service, inLisbon);

    await deleteMemory(service.platform, project, id);
    await service.dispatch();

    expect(categoriesSent(service)).toEqual([
      { event: 'CATEGORIZE', memory_id: id, categories: [] },
    ]);
  });

  it('does not follow an edit, which keeps the categories', async () => {
    const service = openWebhookFixture();
    const [id = ''] = await learn(service, inLisbon);
    await service.dispatch();
    await service.clock.advance(5_000);
    await service.endpoint({ eventTypes: ['memory_*'] });

    await updateMemory(service.platform, project, id, { text: 'Alice lives in Faro.' });
    await service.dispatch();

    expect(service.receiver.posts.map(({ payload }) => payload)).toMatchObject([
      { type: 'memory_update', data: { categories: ['home'] } },
    ]);
  });
});
