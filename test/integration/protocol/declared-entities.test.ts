import { expect, it } from 'vitest';
import { declareEntity } from '../../../shared/core/cutoffs.ts';
import { deleteAll } from '../../../shared/core/erasure/delete-all.ts';
import { anyId, type Entity } from '../../../shared/domain/memory/entities.ts';
import { entityRecordKey } from '../../../shared/domain/table/keys.ts';
import { openCoreFixture, project } from '../../support/core-fixture.ts';

const emil: Entity = { kind: 'user', id: 'emil' };

/** Declares the entity again before one of the store calls of the job that deletes the earlier declaration. */
const declaredBefore = async (call: number, id: string) => {
  const service = openCoreFixture();
  const { platform } = service;
  await declareEntity(platform, project, emil, { plan: 'free' });
  await deleteAll(platform, project, { user: id });
  let calls = 0;
  const actor = service.intercepted({
    before: async () => {
      if (calls++ === call) await declareEntity(platform, project, emil, { plan: 'pro' });
    },
  });
  await service.work(actor);
  return { calls, record: await platform.store.get(entityRecordKey(project, emil)) };
};

it.each([
  ['the entity', emil.id],
  ['all of its kind', anyId],
])(
  'an entity that is declared while the job of a delete-all of %s runs stays declared, and does not expire',
  async (_, id) => {
    for (let call = 0; ; call++) {
      const { calls, record } = await declaredBefore(call, id);
      if (calls <= call) {
        expect(call).toBeGreaterThan(5);
        return;
      }

      expect(record, `declared before call ${call}`).toMatchObject({ metadata: { plan: 'pro' } });
      expect(record?.expiresAt, `declared before call ${call}`).toBeUndefined();
    }
  },
);

it('a partial delete-all keeps metadata that are declared while it is written', async () => {
  const service = openCoreFixture();
  const { platform } = service;
  for (let call = 0; ; call++) {
    const user: Entity = { kind: 'user', id: `user ${call}` };
    let calls = 0;
    const actor = service.intercepted({
      before: async () => {
        if (calls++ === call) await declareEntity(platform, project, user, { plan: 'pro' });
      },
    });
    await deleteAll(actor, project, { user: user.id, run: 'trip' });
    if (calls <= call) {
      expect(call).toBeGreaterThan(2);
      return;
    }

    const record = await platform.store.get(entityRecordKey(project, user));
    expect(record, `declared before call ${call}`).toMatchObject({ metadata: { plan: 'pro' } });
  }
});
