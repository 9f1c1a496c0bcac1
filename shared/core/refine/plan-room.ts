import type { PlannedChange } from '../../domain/change.ts';
import type { Plan } from '../../domain/items.ts';
import { bytesOf, maxItemBytes, maxTransactionBytes } from '../room.ts';
import type { Work } from './work.ts';

const withoutVector = (change: PlannedChange): PlannedChange => {
  if (change.type !== 'ADD' && change.type !== 'UPDATE') return change;
  const { vector: _, vectorModel: __, ...rest } = change;
  return rest;
};

/** The plan with as many vectors as its item has room for; the indexer makes the others anew. */
const trimmed = (plan: Plan): Plan => {
  let room = maxItemBytes - bytesOf({ ...plan, changes: plan.changes.map(withoutVector) });
  const changes = plan.changes.map((change) => {
    const bare = withoutVector(change);
    room -= bytesOf(change) - bytesOf(bare);
    return room >= 0 ? change : bare;
  });
  return { ...plan, changes };
};

/**
 * As many plans as are saved together, from the oldest on; the oldest in any case. One that is too large by itself comes
 * to be the oldest some time, and is refused then.
 */
export const plansWithRoom = (work: readonly Work[]): Work[] => {
  const fitting: Work[] = [];
  let room = maxTransactionBytes;
  for (const item of work) {
    const plan = item.plan && trimmed(item.plan);
    const size = bytesOf(plan);
    room -= size;
    if (fitting.length > 0 && (room < 0 || size > maxItemBytes)) break;
    fitting.push({ ...item, ...(plan ? { plan } : {}) });
  }
  return fitting;
};
