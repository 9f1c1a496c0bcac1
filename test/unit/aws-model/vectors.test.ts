import { expect, it } from 'vitest';
import type { IndexEntry } from '../../../shared/ports/vector-index.ts';
import { assumed } from '../../support/aws-model/assumptions.ts';
import { openInstallation } from '../../support/aws-model/installation.ts';
import { createVectorsService } from '../../support/aws-model/vectors-service.ts';
import { createVirtualTime, replaceTimeouts } from '../../support/aws-model/virtual-time.ts';

const minuteMs = 60_000;

const entryOf = (number: number): IndexEntry => ({
  id: `m${number}#1`,
  class: 'memory',
  terms: {},
  target: {
    id: `m${number}`,
    text: '',
    entities: { user: `user-${number}` },
    metadata: {},
    categories: [],
    createdAt: 0,
    updatedAt: 0,
    observedAt: 0,
  },
});

it('an index of S3 Vectors takes 2,500 vectors a second', async () => {
  const time = createVirtualTime();
  const service = createVectorsService(time, assumed, { indexes: 1 });
  const index = service.open({
    transact: async () => ({ committed: true }),
    query: async () => ({ items: [] }),
  });
  const upserts = (first: number) =>
    index.upsert(
      'p',
      Array.from({ length: 500 }, (_, at) => entryOf(first + at)),
    );
  let [written, refused] = [0, 0];
  for (let request = 0; request < 16; request++)
    void upserts(request * 500).then(
      () => {
        written += 500;
      },
      () => {
        refused += 500;
      },
    );

  await time.runUntil(time.exact() + 1_000);

  expect(written).toBeGreaterThanOrEqual(2_500);
  expect(written).toBeLessThanOrEqual(5_000);
  expect(written + refused).toBe(8_000);
  expect(service.total.throttled).toBeGreaterThan(0);
});

it('an add with S3 Vectors writes its words to the table, and is found in the index', async () => {
  const installation = openInstallation(assumed, { vectorIndexes: 2 });
  const { time, capacity, index } = installation;
  const restore = replaceTimeouts(time);
  const start = time.exact();
  time.at(start + 1_000, async () => {
    await installation.add({
      entities: { user: 'user-1' },
      messages: [{ role: 'user', content: 'I moved to town 1 last week.' }],
      metadata: {},
      options: { infer: true },
    });
  });

  await time.runUntil(start + 9 * minuteMs);
  restore();

  const words = [...installation.items.keys()].filter((key) => key.includes('\nWORDS#'));
  expect(installation.oldestDueMs()).toBe(0);
  expect(words).toHaveLength(2);
  expect(capacity.total.throttled).toBe(0);
  // Two vectors, each charged as a request of 128 KB.
  expect(index.cost()).toBeGreaterThan(48);
  expect(index.cost()).toBeLessThan(60);
});
