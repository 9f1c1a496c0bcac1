import { expect, it } from 'vitest';
import { assumed } from '../../support/aws-model/assumptions.ts';
import { openInstallation } from '../../support/aws-model/installation.ts';

const unthrottled = {
  ...assumed,
  table: { ...assumed.table, firstWriteUnits: 400_000, maxWriteUnits: 400_000 },
};

it('twenty dispatchers send over 400 deliveries a second to one endpoint, and each one once', async () => {
  const installation = openInstallation(unthrottled);
  const { time, posts, queues } = installation;
  const start = time.exact();
  const facts = 3_200;
  void installation.registerEndpoint(64);
  for (let fact = 0; fact < facts; fact++)
    time.at(start + 1_000 + fact * 1.4, () => {
      void installation.addFact({ memory: `memory-${fact}`, user: `user-${fact}` });
    });

  await time.runUntil(start + 6_000);
  const before = posts.sent.size;
  await time.runUntil(start + 8_000);
  const perSecond = (posts.sent.size - before) / 2;
  await time.runUntil(start + 40_000);

  expect(assumed.sizes.dispatcher.maxConcurrency).toBe(20);
  expect(perSecond).toBeGreaterThan(400);
  expect(posts.sent.size).toBe(facts);
  expect(posts.total()).toBe(facts);
  expect(queues.queue('notifications').dead()).toBe(0);
}, 300_000);
