import type { Mutation } from '../../../shared/simulation/process.ts';
import { eachStep } from './mutations.ts';

/** Attempts in flight do not name their ordered scope. */
export const concurrentScopes: Mutation = eachStep((step) =>
  step.op === 'put' && step.key.kind === 'LIMITER' && 'slots' in step.item
    ? [
        {
          ...step,
          item: {
            ...step.item,
            slots: step.item.slots.map(({ scope: _, ...slot }) => slot),
          },
        },
      ]
    : [step],
);

/** A process that gets a block forgets those of the others. */
export const blocksForgotten: Mutation = eachStep((step) =>
  step.op === 'put' && step.key.kind === 'LIMITER' && 'slots' in step.item
    ? [
        {
          ...step,
          item: {
            ...step.item,
            slots: step.item.slots.filter(
              ({ count }, place, slots) => count === undefined || place === slots.length - 1,
            ),
          },
        },
      ]
    : [step],
);

/** Notifications about the categories of memories are delivered to no endpoint that is not ordered. */
export const categoriesNotDelivered: Mutation = {
  rewrite: (steps) =>
    steps.filter(
      ({ op, key, ...step }) =>
        op !== 'put' ||
        key.kind !== 'DELIVERY' ||
        !('item' in step && 'type' in step.item && step.item.type === 'memory_categorize') ||
        'ordering' in step.item,
    ),
};
