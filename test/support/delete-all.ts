import { deleteAll } from '../../shared/core/erasure/delete-all.ts';
import { getEvent } from '../../shared/core/events.ts';
import { RetryableError } from '../../shared/domain/errors.ts';
import type { Entities } from '../../shared/domain/memory/entities.ts';
import { headKey } from '../../shared/domain/table/keys.ts';
import { begun } from './begun.ts';
import { failing, learning } from './scripted-model.ts';
import { alice, project, type World } from './world.ts';

export const everyone = { user: 'alice', agent: 'guide', run: 'r1' };
const down = failing(new RetryableError('down', 'The model is down.'));

export const forget = async (world: World, match: Entities | 'everything' = alice) =>
  begun(await deleteAll(world.platform, project, match));

export const eventOf = (world: World, event: string) => getEvent(world.platform, project, event);

/** Two memories, a rough one of a turn that waits for a busy worker, and one of a turn that failed. */
export const prepare = async (world: World) => {
  world.model.next(learning('A heron nests by the mill.', 'The heron has chicks.'));
  await world.learn('A heron nests by the mill and has chicks.', everyone);
  const failed = await world.add('The heron failed to come.', everyone);
  world.model.next(down);
  await world.refine();
  const waiting = await world.add('The heron is late.', everyone);
  const busy = { token: 'another', leaseUntil: world.clock.now() + 3_600_000 };
  await world.store.transact([{ op: 'put', key: headKey(project, 'user#alice'), item: busy }]);
  return { failed, waiting };
};
