import { describe, expect, it } from 'vitest';
import { retryEvent } from '../../../shared/core/events.ts';
import { listNotifications } from '../../../shared/core/webhooks/poll-notifications.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import { dayMs } from '../../../shared/domain/time.ts';
import type { LocalOptions } from '../../../shared/platform/local.ts';
import type { FullPlatform } from '../../../shared/ports/platform.ts';
import { withFiles } from '../../support/attachments-fixture.ts';
import { alice, project, request } from '../../support/core-fixture.ts';
import { createKeptFiles } from '../../support/kept-files.ts';
import { failing } from '../../support/scripted-model.ts';
import { openWebhookFixture } from '../../support/webhook-fixture.ts';

type Service = ReturnType<typeof openWebhookFixture>;

const down = failing(new RetryableError('down', 'The model is down.'));

/** Another process, with caches of its own. */
const another = ({ platform }: Service): FullPlatform => ({
  ...platform,
  caches: { recordedEntities: new Set(), entryVectors: new Map() },
});

const outboxes = (service: Service): string[] =>
  service.rows('OUTBOX').map(({ key }) => key.sk.split('.').at(-1) ?? '');

/** Accepts a turn by a process. Returns the id of its event. */
const eventOf = async (service: Service, actor?: FullPlatform): Promise<string> => {
  const accepted = await service.accept(request('I live in Lisbon.'), actor);
  if (accepted.outcome !== 'accepted') throw new Error(accepted.outcome);
  return accepted.event;
};

/** A turn that a process accepted that had seen no endpoint just before the first one was created. */
const missed = async (options: LocalOptions = {}, endpoint: { ordered?: boolean } = {}) => {
  const service = openWebhookFixture(options);
  const stale = another(service);
  await service.accept(request('I like tea.'), stale);
  await service.refine();
  await service.dispatch();
  await service.endpoint(endpoint);
  await service.clock.advance(2_000);
  const event = await eventOf(service, stale);
  return { service, event, stale };
};

const typesAbout = (service: Service, event: string): string[] =>
  service.receiver.posts
    .filter(({ payload }) => JSON.stringify(payload).includes(event))
    .map(({ payload }) => payload.type);

describe('an acceptance', () => {
  it('a turn without endpoints and polls has no outbox of its acceptance, and no hint at one', async () => {
    const service = openWebhookFixture();

    await service.accept(request('I live in Lisbon.'));

    expect(service.rows('OUTBOX')).toEqual([]);
    expect(service.notices.waiting()).toEqual([]);
  });

  it('the process that created the first endpoint notifies of the next acceptance at once', async () => {
    const service = openWebhookFixture();
    await service.accept(request('I like tea.'));
    await service.endpoint();

    await service.accept(request('I live in Lisbon.'));
    await service.dispatch();

    expect(service.receiver.typesOf()).toEqual(['event.pending']);
  });

  it('a turn with files notifies an endpoint that was created while they were stored', async () => {
    const files = createKeptFiles();
    const service = openWebhookFixture({ blobs: files });
    const stale = another(service);
    await service.accept(request('I like tea.'), stale);
    files.beforePut(async () => {
      await service.clock.advance(2_000);
      await service.endpoint();
      await service.clock.advance(2_000);
    });

    await service.accept({ ...request(''), messages: [withFiles('My garden.', 'tea')] }, stale);
    await service.refine();
    await service.dispatch();

    expect(service.receiver.typesOf()).toContain('event.pending');
  });

  it('the process that answered the first poll notifies of the next acceptance at once', async () => {
    const service = openWebhookFixture();
    await service.accept(request('I like tea.'));
    await listNotifications(service.platform, project, { limit: 10 });

    await service.accept(request('I live in Lisbon.'));

    expect(outboxes(service)).toEqual(['pending']);
  });

  it('another process knows of the first endpoint after five seconds, and looks once in that time', async () => {
    const { service, stale } = await missed();
    let looks = 0;
    const counted: FullPlatform = {
      ...stale,
      store: {
        ...stale.store,
        query: (range) => {
          if (range.kind === 'ENDPOINT') looks += 1;
          return stale.store.query(range);
        },
      },
    };
    const before = outboxes(service);

    await service.clock.advance(3_000);
    await service.accept(request('I have a dog.'), counted);
    await service.accept(request('I have a cat.'), counted);

    expect(before).toEqual([]);
    expect(outboxes(service)).toEqual(['pending', 'pending']);
    expect(looks).toBe(1);
  });
});

describe('an acceptance that no process announced', () => {
  it.each([
    ['', { ordered: false }],
    ['ordered ', { ordered: true }],
  ])(
    'an %sendpoint that existed is notified of it with the end of the turn, once',
    async (_, endpoint) => {
      const { service, event } = await missed({}, endpoint);
      await service.dispatch();
      const early = typesAbout(service, event);

      await service.refine();
      await service.dispatch();

      expect(early).toEqual([]);
      expect(typesAbout(service, event).toSorted()).toEqual([
        'event.pending',
        'event.succeeded',
        'memory_add',
      ]);
      if (endpoint.ordered) expect(typesAbout(service, event)[0]).toBe('event.pending');
    },
  );

  it('an endpoint is notified of it with a failure, and not again with a later end', async () => {
    const { service, event } = await missed(
      { refineSchedule: [], retainDeliveriesDays: 3 },
      { ordered: true },
    );
    service.model.next(down);
    await service.refine();
    await service.dispatch();
    const failed = typesAbout(service, event);

    await service.clock.advance(4 * dayMs);
    await service.pass(0);
    await retryEvent(service.platform, project, event);
    await service.refine();
    await service.dispatch();

    expect(failed).toEqual(['event.pending', 'event.failed']);
    expect(typesAbout(service, event)).toEqual([...failed, 'memory_add', 'event.succeeded']);
  });

  it('an endpoint that was created later is not notified of it', async () => {
    const service = openWebhookFixture();
    const event = await eventOf(service);
    await service.clock.advance(2_000);
    await service.endpoint();

    await service.refine();
    await service.dispatch();

    expect(typesAbout(service, event).toSorted()).toEqual(['event.succeeded', 'memory_add']);
  });

  it('a client that polled earlier finds it', async () => {
    const service = openWebhookFixture();
    const stale = another(service);
    await service.accept(request('I like tea.'), stale);
    await listNotifications(service.platform, project, { limit: 10 });
    const event = await eventOf(service, stale);

    await service.refine();
    await service.dispatch();

    const stored = service
      .rows('NOTIFICATION')
      .flatMap(({ item }) =>
        'type' in item && JSON.stringify(item).includes(event) ? [item.type] : [],
      );
    expect(stored.toSorted()).toEqual(['event.pending', 'event.succeeded', 'memory_add']);
  });

  it('a fan-out that crashes at any call of the store notifies of it once, and first', async () => {
    for (let at = 0; ; at++) {
      const { service, event } = await missed({}, { ordered: true });
      await service.refine(alice);
      let calls = 0;
      const dying = service.intercepted({
        before: (call) => {
          calls = call.at + 1;
          if (call.at >= at) throw new Error('crash');
        },
      });
      for (const hint of service.notices.waiting())
        await service.perform(hint, dying).catch(() => {});

      for (let pass = 0; pass < 3; pass++) {
        await service.pass(60_000);
        await service.dispatch();
      }

      expect(typesAbout(service, event), `crash at ${at}`).toEqual([
        'event.pending',
        'memory_add',
        'event.succeeded',
      ]);
      if (calls <= at) break;
    }
  });
});
