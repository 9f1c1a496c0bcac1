import type { PlannedChange } from '../../domain/memory/change.ts';
import type { Plan } from '../../domain/table/items.ts';
import { jsonBytes, maxItemBytes, maxTransactionBytes } from '../store-limits.ts';
import type { PendingWork } from './pending-turns.ts';

const withoutVector = (change: PlannedChange): PlannedChange => {
  if (change.type !== 'ADD' && change.type !== 'UPDATE') return change;
  const { vector: _, vectorModel: __, ...rest } = change;
  return rest;
};

/**
 * Returns the plan as it is saved: without vectors, which are most of its bytes. The run that decided it has them; after a crash the
 * indexer embeds the texts again.
 */
export const withoutVectors = (plan: Plan): Plan => ({
  ...plan,
  changes: plan.changes.map(withoutVector),
});

const vectorBytes = (change: PlannedChange): number => {
  const { vector = '', vectorModel = '' } =
    change.type === 'ADD' || change.type === 'UPDATE' ? change : {};
  return vector === '' ? 0 : jsonBytes({ vector, vectorModel });
};

const withoutDetails = (change: PlannedChange): PlannedChange => {
  if (change.type !== 'ADD' && change.type !== 'UPDATE') return change;
  const { categories: _, structuredData: __, ...rest } = change;
  return rest;
};

const bytesWithoutVectors = (plan: Plan): number => jsonBytes(withoutVectors(plan));

/** Returns the plan, without categories and structured data if only that makes it fit its item. */
const fitDetails = (plan: Plan): Plan =>
  bytesWithoutVectors(plan) > maxItemBytes
    ? { ...plan, changes: plan.changes.map(withoutDetails) }
    : plan;

/** Returns the plan with as many vectors as fit its item, and its size. The indexer embeds the other texts. */
const fitVectors = (whole: Plan): { plan: Plan; size: number } => {
  const plan = fitDetails(whole);
  let size = bytesWithoutVectors(plan);
  let isFull = false;
  const changes = plan.changes.map((change) => {
    const bytes = vectorBytes(change);
    isFull ||= size + bytes > maxItemBytes;
    if (isFull) return withoutVector(change);
    size += bytes;
    return change;
  });
  return { plan: { ...plan, changes }, size };
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
    const { plan, size } = fitVectors(item.plan);
    remainingBytes -= size;
    if (fitting.length > 0 && (remainingBytes < 0 || size > maxItemBytes)) break;
    fitting.push({ ...item, plan });
  }
  return fitting;
};
