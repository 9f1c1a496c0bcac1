import { expect, it } from 'vitest';
import { deleteAll } from '../../../shared/core/erasure/delete-all.ts';
import { expireCutoffs } from '../../../shared/core/erasure/expire-cutoffs.ts';
import { entityRecordKey, jobKey } from '../../../shared/domain/table/keys.ts';
import { type CoreFixture, openCoreFixture, project } from '../../support/core-fixture.ts';
import { forget } from '../../support/delete-all.ts';
import { writesOf } from '../../support/intercepted-store.ts';

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
