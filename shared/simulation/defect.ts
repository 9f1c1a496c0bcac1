import { recentKeys } from '../domain/table/keys.ts';
import type { Mutation } from './process.ts';
import { project, user } from './simulated-service.ts';

/** The pointer to a turn is removed at apply, even if the index does not show its memories yet. */
export const removePointersAtApply: Mutation = {
  rewrite: (steps) => {
    const applyStep = steps.find(
      (step) => step.op === 'update' && step.key.kind === 'TURN' && step.set['state'] === 'applied',
    );
    if (!applyStep) return steps;
    const turn = applyStep.key.pk.slice(applyStep.key.pk.lastIndexOf('#') + 1);
    const pointers = recentKeys(project, { entities: { user } }, turn);
    return [...steps, ...pointers.map((key) => ({ op: 'delete' as const, key }))];
  },
};
