import { describe, expect, it } from 'vitest';
import { startRecovery } from '../../../shared/core/webhooks/recoveries.ts';
import { project } from '../../support/core-fixture.ts';
import type { SeenPost } from '../../support/scripted-receiver.ts';
import { openWebhookFixture, type WebhookFixture } from '../../support/webhook-fixture.ts';

interface Open {
  user: string;
  answer(status: number): void;
}

const userOf = (post: SeenPost | undefined): string => String(post?.payload.data.user_id);

/** A receiver that answers when a test says so. `max`: the most requests at once, in all and of one user. */
const holding = (service: WebhookFixture) => {
  const open: Open[] = [];
  const max = { all: 0, ofOne: 0 };
  service.receiver.usually(
    () =>
      new Promise<number>((answer) => {
        const user = userOf(service.receiver.posts.at(-1));
        open.push({ user, answer });
        max.all = Math.max(max.all, open.length);
        max.ofOne = Math.max(max.ofOne, open.filter((other) => other.user === user).length);
      }),
  );
  return { open, max };
};

/** Facts of several users in turn. */
const facts = async (service: WebhookFixture, users: readonly string[], ofEach: number) => {
  for (let fact = 0; fact < ofEach; fact++)
    for (const user of users) await service.fact({ entities: { user } });
  await service.fanOut();
};

/** The memories that the receiver was notified of, by user, in order. */
const received = ({ receiver }: WebhookFixture): Map<string, string[]> => {
  const found = new Map<string, string[]>();
  for (const post of receiver.posts) {
    const user = userOf(post);
    found.set(user, [...(found.get(user) ?? []), String(post.payload.data.memory_id)]);
  }
  return found;
};

/** Sends all that is due, one answer at a time. `isNext` chooses what is answered. */
const drain = async (
  service: WebhookFixture,
  { open }: ReturnType<typeof holding>,
  isNext: (request: Open) => boolean = () => true,
): Promise<Promise<unknown>[]> => {
  const work: Promise<unknown>[] = [];
  for (;;) {
    for (let begun = service.begin(); begun.length > 0; begun = service.begin()) {
      work.push(...begun);
      await service.settle();
    }
    const at = open.findIndex(isNext);
    if (at < 0) return work;
    for (const { answer } of open.splice(at, 1)) answer(200);
    await service.settle();
  }
};

const users = ['ana', 'ben', 'cleo', 'dan', 'eve', 'fay'];
/** So few failures that the circuit breaker stays closed. */
const few = users.slice(0, 4);
const inOrder = (memories: readonly string[]): string[] =>
  memories.toSorted((a, b) => Number(a.slice(7)) - Number(b.slice(7)));

describe('an ordered endpoint', () => {
  it('the scopes of an ordered endpoint go side by side up to its limit, each one at a time', async () => {
    const service = openWebhookFixture();
    await service.endpoint({ ordered: true, maxInFlight: 4 });
    const receiver = holding(service);
    await facts(service, users, 5);

    await Promise.all(await drain(service, receiver));

    expect(receiver.max).toEqual({ all: 4, ofOne: 1 });
    const byUser = received(service);
    expect([...byUser.keys()].sort()).toEqual(users);
    for (const memories of byUser.values()) {
      expect(memories).toHaveLength(5);
      expect(memories).toEqual(inOrder(memories));
    }
  });

  it('a scope whose receiver hangs delays no other scope', async () => {
    const service = openWebhookFixture();
    await service.endpoint({ ordered: true });
    const receiver = holding(service);
    await facts(service, ['ana', 'ben'], 3);

    const first = await drain(service, receiver, ({ user }) => user === 'ben');
    const waiting = received(service);
    await Promise.all([...first, ...(await drain(service, receiver))]);

    expect(waiting.get('ben')).toHaveLength(3);
    expect(waiting.get('ana')).toHaveLength(1);
    expect(received(service).get('ana')).toHaveLength(3);
  });

  it('a recovery delivers each scope in order, and several side by side', async () => {
    const service = openWebhookFixture({ webhookSchedule: [0] });
    const since = service.clock.now();
    const { id } = await service.endpoint({ ordered: true, maxInFlight: 3 });
    service.receiver.usually(500);
    await facts(service, few, 4);
    await service.dispatch();
    const failed = service.receiver.posts.splice(0).length;
    const receiver = holding(service);

    await startRecovery(service.platform, project, id, { since });
    await Promise.all(await drain(service, receiver));

    const byUser = received(service);
    expect(failed).toBe(16);
    expect(receiver.max).toEqual({ all: 3, ofOne: 1 });
    expect([...byUser.keys()].sort()).toEqual(few);
    for (const memories of byUser.values()) {
      expect(memories).toHaveLength(4);
      expect(memories).toEqual(inOrder(memories));
    }
    expect(service.rows('BACKLOG')).toEqual([]);
  });
});
