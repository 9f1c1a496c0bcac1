import { put } from '../../shared/core/steps.ts';
import { scopeOf } from '../../shared/domain/memory/entities.ts';
import { outboxKey } from '../../shared/domain/table/keys.ts';
import type { Outbox } from '../../shared/domain/webhooks/outbox.ts';
import type { Hint } from '../../shared/ports/queue.ts';
import type { Step } from '../../shared/ports/store.ts';

/** Outbox write and hint of an added memory. */
export const addedFact = (
  memory: string,
  { entities, ...made }: Pick<Outbox, 'project' | 'entities' | 'order' | 'createdAt'>,
): { step: Step; hint: Hint } => {
  const { project, createdAt } = made;
  const scope = scopeOf(entities);
  const fact = { memory, text: 'Tea.', metadata: {}, categories: [] };
  const facts = [{ type: 'memory_add' as const, ...fact }];
  const outbox = { id: memory, entities, facts, ...made, dueAt: createdAt };
  return {
    step: put(outboxKey(project, scope, memory), outbox),
    hint: { v: 1, kind: 'outbox', project, scope, outbox: memory },
  };
};
