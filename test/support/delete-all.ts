import { deleteAll } from '../../shared/core/erasure/delete-all.ts';
import { getEvent } from '../../shared/core/events.ts';
import { RetryableError } from '../../shared/domain/errors.ts';
import type { Entities } from '../../shared/domain/memory/entities.ts';
import { scopeLeaseKey } from '../../shared/domain/table/keys.ts';
import { begun } from './begun.ts';
import { alice, type CoreFixture, project } from './core-fixture.ts';
import { failing, learning } from './scripted-model.ts';

export const everyone = { user: 'alice', agent: 'guide', run: 'r1' };
const down = failing(new RetryableError('down', 'The model is down.'));

export const forget = async (service: CoreFixture, match: Entities | 'everything' = alice) =>
  begun(await deleteAll(service.platform, project, match));

export const eventOf = (service: CoreFixture, event: string) =>
  getEvent(service.platform, project, event);

/** Adds two memories, a failed turn, and a pending turn whose scope another worker has leased. */
export const prepare = async (service: CoreFixture) => {
  service.model.next(learning('A heron nests by the mill.', 'The heron has chicks.'));
  await service.learn('A heron nests by the mill and has chicks.', everyone);
  const failed = await service.add('The heron failed to come.', everyone);
  service.model.next(down);
  await service.refine();
  const waiting = await service.add('The heron is late.', everyone);
  const busy = { token: 'another', leaseUntil: service.clock.now() + 3_600_000 };
  await service.store.transact([
    { op: 'put', key: scopeLeaseKey(project, 'user#alice'), item: busy },
  ]);
  return { failed, waiting };
};
