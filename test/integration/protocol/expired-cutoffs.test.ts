import { expect, it } from 'vitest';
import { declareEntity, readCutoffs } from '../../../shared/core/cutoffs.ts';
import { deleteAll } from '../../../shared/core/erasure/delete-all.ts';
import { expireCutoffs } from '../../../shared/core/erasure/expire-cutoffs.ts';
import { anyId } from '../../../shared/domain/memory/entities.ts';
import { entityRecordKey, jobKey } from '../../../shared/domain/table/keys.ts';
import { type CoreFixture, openCoreFixture, project } from '../../support/core-fixture.ts';
import { forget } from '../../support/delete-all.ts';
import { type StoreCall, writesOf } from '../../support/intercepted-store.ts';
import { dayMs } from '../../support/webhook-fixture.ts';

const recordOf = (service: CoreFixture, user: string) =>
  service.store.get(entityRecordKey(project, { kind: 'user', id: user }));

/** Begins a delete-all of one run of Uma. Returns its job. */
const begin = async (service: CoreFixture, run: string) => {
  const { event } = await forget(service, { user: 'uma', run });
  const job = await service.store.get(jobKey(project, event));
  if (!job) throw new Error('the delete-all has no job');
  return job;
};

/** The platform of a process that does something before its first write of an entity's record. */
const beforeRecord = (service: CoreFixture, act: () => Promise<unknown>) => {
  let isFirst = true;
  return service.intercepted({
    before: async ({ steps }) => {
      if (!isFirst || writesOf(steps, 'ENTITY').length === 0) return;
      isFirst = false;
      await act();
    },
  });
};

it('two delete-alls of an entity that end at the same time both let their cutoffs expire', async () => {
  const service = openCoreFixture();
  const first = await begin(service, 'r1');
  const second = await begin(service, 'r2');

  await expireCutoffs(
    beforeRecord(service, () => expireCutoffs(service.platform, second)),
    first,
  );

  const record = await recordOf(service, 'uma');
  expect(record?.cutoffs.map(({ expiresAt }) => expiresAt)).toEqual([
    expect.any(Number),
    expect.any(Number),
  ]);
  expect(record?.expiresAt).toEqual(expect.any(Number));
});

it('a delete-all that is written while an earlier one ends leaves the expiry of the earlier cutoff', async () => {
  const service = openCoreFixture();
  const first = await begin(service, 'r1');
  const actor = beforeRecord(service, () => expireCutoffs(service.platform, first));

  await deleteAll(actor, project, { user: 'uma', run: 'r2' });

  const record = await recordOf(service, 'uma');
  expect(record?.cutoffs).toMatchObject([
    { match: { run: 'r1' }, expiresAt: expect.any(Number) },
    { match: { run: 'r2' } },
  ]);
});

/** Deletes all users, and lets the job crash right after it set the expiry of Uma's record. `before` acts before that write. */
const crashAfterExpiry = async (service: CoreFixture, before: () => Promise<unknown>) => {
  const { event } = await forget(service, { user: '*' });
  const job = await service.store.get(jobKey(project, event));
  if (!job) throw new Error('the delete-all has no job');
  const setsExpiry = ({ steps }: StoreCall): boolean =>
    writesOf(steps, 'ENTITY').some((step) => step.op === 'update' && 'expiresAt' in step.set);
  let hasCrashed = false;
  const dying = service.intercepted({
    before: async (call) => {
      if (hasCrashed) throw new Error('crash');
      if (setsExpiry(call)) await before();
    },
    after: (call) => {
      hasCrashed ||= setsExpiry(call);
    },
  });
  await expireCutoffs(dying, job).catch(() => {});
  const expiring = await recordOf(service, 'uma');
  await expireCutoffs(service.platform, job);
  return { expiring, record: await recordOf(service, 'uma') };
};

it('a user named since a delete-all of all users is kept though its job crashed once the record was to expire', async () => {
  const service = openCoreFixture();
  await service.learn('A heron nests.', { user: 'uma' });

  const { expiring, record } = await crashAfterExpiry(service, () =>
    service.add('A stork nests.', { user: 'uma' }),
  );

  expect(expiring?.expiresAt).toEqual(expect.any(Number));
  expect(record).not.toHaveProperty('expiresAt');
});

it('a user declared since a delete-all of all users is kept though its job crashed once the record was to expire', async () => {
  const service = openCoreFixture();
  await service.learn('A heron nests.', { user: 'uma' });

  const { expiring, record } = await crashAfterExpiry(service, () =>
    declareEntity(service.platform, project, { kind: 'user', id: 'uma' }, { plan: 'pro' }),
  );

  expect(expiring?.expiresAt).toEqual(expect.any(Number));
  expect(record).not.toHaveProperty('expiresAt');
});

it('a process that goes on reads the record of all users again once it has expired', async () => {
  const service = openCoreFixture();
  await forget(service, { user: anyId });
  await service.settle();
  const bob = { entities: { user: 'bob' } };
  const read = async () => (await readCutoffs(service.platform, project, [bob])).revisions;
  const before = [await read(), await read()];
  await service.pass(8 * dayMs);
  await service.store.purge(service.clock.now());

  const after = await read();

  expect(before.map((all) => all.some(({ revision }) => revision > 0))).toEqual([true, true]);
  expect(await recordOf(service, anyId)).toBeUndefined();
  expect(after.every(({ revision }) => revision === 0)).toBe(true);
});
