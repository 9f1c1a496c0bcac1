import type { PlannedChange } from '../../domain/memory/change.ts';
import type { Plan } from '../../domain/table/items.ts';
import { bytesOf, maxItemBytes, maxTransactionBytes } from '../store-limits.ts';
import type { PendingWork } from './pending-turns.ts';

const withoutVector = (change: PlannedChange): PlannedChange => {
  if (change.type !== 'ADD' && change.type !== 'UPDATE') return change;
  const { vector: _, vectorModel: __, ...rest } = change;
  return rest;
};

/** About what the vector of a change adds to it. */
const vectorBytes = (change: PlannedChange): number => {
  const { vector = '', vectorModel = '' } =
    change.type === 'ADD' || change.type === 'UPDATE' ? change : {};
  return vector === '' ? 0 : bytesOf({ vector, vectorModel });
};

/** The plan with as many vectors as its item has room for, and its size; the indexer makes the others anew. */
const fitVectors = (plan: Plan): { plan: Plan; size: number } => {
  let size = bytesOf({ ...plan, changes: plan.changes.map(withoutVector) });
  let isFull = false;
  const changes = plan.changes.map((change) => {
    const more = vectorBytes(change);
    isFull ||= size + more > maxItemBytes;
    if (isFull) return withoutVector(change);
    size += more;
    return change;
  });
  return { plan: { ...plan, changes }, size };
};

/**
 * As many plans as are saved together, from the oldest on; the oldest in any case. One that is too large by itself comes
 * to be the oldest some time, and is refused then.
 */
export const plansThatFit = (work: readonly PendingWork[]): PendingWork[] => {
  const fitting: PendingWork[] = [];
  let remainingBytes = maxTransactionBytes;
  for (const item of work) {
    if (!item.plan) {
      fitting.push(item);
      continue;
    }
    const { plan, size } = fitVectors(item.plan);
    remainingBytes -= size;
    if (fitting.length > 0 && (remainingBytes < 0 || size > maxItemBytes)) break;
    fitting.push({ ...item, plan });
  }
  return fitting;
};
