import type { PlannedChange } from '../../domain/memory/change.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import type { Plan } from '../../domain/table/items.ts';
import { revisionKey } from '../../domain/table/keys.ts';
import type { Fact } from '../../domain/webhooks/outbox.ts';
import type { Step } from '../../ports/store.ts';
import { put } from '../steps.ts';

const hasNewCategories = ({ categories }: Memory, before: Memory | undefined): boolean => {
  const known = new Set(before?.categories);
  return categories.length !== known.size || categories.some((name) => !known.has(name));
};

/** The fact that customers are notified of, of a change of a memory. */
export const factOf = (
  type: 'memory_add' | 'memory_update' | 'memory_delete',
  turn: Turn,
  memory: Memory,
  before?: Memory,
): Fact => ({
  type,
  event: turn.event,
  memory: memory.id,
  ...(memory.state === 'live' ? { text: memory.text } : {}),
  ...(before === undefined ? {} : { previousText: before.text }),
  ...(memory.state === 'live' && memory.occursOn ? { occursOn: memory.occursOn } : {}),
  metadata: memory.metadata,
  categories: memory.categories,
  ...(memory.state === 'live' && hasNewCategories(memory, before) ? { categorized: true } : {}),
});

/** Fields of a plan that its revisions have. */
export type Origin = Pick<Plan, 'promptVersion' | 'reprocessed'>;

/** The entry in the history of a memory for a change that leads to its version. */
export const revision = (
  turn: Turn,
  memory: Memory,
  change: PlannedChange,
  { promptVersion, reprocessed }: Origin,
  now: number,
): Step =>
  put(revisionKey(memory.project, memory.id, memory.version), {
    memory: memory.id,
    version: memory.version,
    type: change.type === 'NONE' ? 'UPDATE' : change.type,
    ...('previousText' in change ? { oldText: change.previousText } : {}),
    ...(change.type === 'ADD' || change.type === 'UPDATE' ? { newText: change.text } : {}),
    turn: turn.id,
    event: turn.event,
    ...(promptVersion === undefined ? {} : { promptVersion }),
    ...(reprocessed ? { reprocessed } : {}),
    metadata: memory.metadata,
    createdAt: now,
  });
