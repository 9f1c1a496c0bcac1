import type { PlannedChange } from '../../domain/memory/change.ts';
import type { Plan } from '../../domain/table/items.ts';
import { jsonBytes, maxItemBytes, maxTransactionBytes } from '../store-limits.ts';
import type { PendingWork } from './pending-turns.ts';

const withoutDetails = (change: PlannedChange): PlannedChange => {
  if (change.type !== 'ADD' && change.type !== 'UPDATE') return change;
  const { categories: _, structuredData: __, ...rest } = change;
  return rest;
};

/** Returns the plan and its size, without categories and structured data if only that makes it fit its item. */
const fitDetails = (whole: Plan): { plan: Plan; size: number } => {
  const size = jsonBytes(whole);
  if (size <= maxItemBytes) return { plan: whole, size };
  const plan = { ...whole, changes: whole.changes.map(withoutDetails) };
  return { plan, size: jsonBytes(plan) };
};

/**
 * Returns the oldest plans that fit one transaction, but always the first. A plan too large for an item is left out until
 * it is the first of its batch; then the store refuses it and the turn fails.
 */
export const plansThatFit = (work: readonly PendingWork[]): PendingWork[] => {
  const fitting: PendingWork[] = [];
  let remainingBytes = maxTransactionBytes;
  for (const item of work) {
    if (!item.plan) {
      fitting.push(item);
      continue;
    }
    const { plan, size } = fitDetails(item.plan);
    remainingBytes -= size;
    if (fitting.length > 0 && (remainingBytes < 0 || size > maxItemBytes)) break;
    fitting.push({ ...item, plan });
  }
  return fitting;
};
