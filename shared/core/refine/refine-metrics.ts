import type { ChangeType } from '../../domain/memory/change.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import type { Plan } from '../../domain/table/items.ts';
import type { LogFields } from '../../ports/telemetry.ts';

/** What the log tells of a turn that was refined: ids and numbers. */
export const refineMetrics = (turn: Turn, plan: Plan, now: number): LogFields => {
  const count = (type: ChangeType) => plan.changes.filter((change) => change.type === type).length;
  return {
    project: turn.project,
    turn: turn.id,
    event: turn.event,
    model: plan.model,
    endToEndMs: now - turn.createdAt,
    ...(plan.model === 'verbatim' ? {} : { modelMs: plan.timings.model }),
    promptTokens: plan.tokens.prompt,
    completionTokens: plan.tokens.completion,
    added: count('ADD'),
    updated: count('UPDATE'),
    deleted: count('DELETE'),
    none: count('NONE'),
  };
};
