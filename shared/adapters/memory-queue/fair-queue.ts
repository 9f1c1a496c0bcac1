import { parseDeliveryId } from '../../domain/webhooks/delivery.ts';
import type { Hint } from '../../ports/queue.ts';
import { createProjectCounts } from './project-counts.ts';

/** Fairness group of a hint: the endpoint of a delivery, otherwise project and kind. */
const groupOf = (hint: Hint): string =>
  `${hint.project} ${hint.kind === 'delivery' ? parseDeliveryId(hint.delivery)?.endpoint : hint.kind}`;

/** Creates a queue that serves its groups round robin. */
export const createFairQueue = () => {
  const groups = new Map<string, Map<string, Hint>>();
  const projects = createProjectCounts();
  let size = 0;

  /** Removes the oldest hint of a group. */
  const shift = (hints: Map<string, Hint>): Hint | undefined => {
    const [name, hint] = hints.entries().next().value ?? [];
    if (name === undefined || hint === undefined) return undefined;
    hints.delete(name);
    projects.add(hint.project, -1);
    size -= 1;
    return hint;
  };

  return {
    projects,
    add(name: string, hint: Hint): void {
      const group = groupOf(hint);
      const hints = groups.get(group) ?? new Map<string, Hint>();
      groups.set(group, hints);
      if (!hints.has(name)) {
        projects.add(hint.project, 1);
        size += 1;
      }
      hints.set(name, hint);
    },
    take(): Hint | undefined {
      const [group, hints] = groups.entries().next().value ?? [];
      if (group === undefined || hints === undefined) return undefined;
      const hint = shift(hints);
      groups.delete(group);
      if (hints.size > 0) groups.set(group, hints);
      return hint;
    },
    /** Drops the oldest hint of the largest group of a project. */
    dropOne(project: string): void {
      let largest: [group: string, hints: Map<string, Hint>] | undefined;
      for (const entry of groups)
        if (entry[0].startsWith(`${project} `) && entry[1].size > (largest?.[1].size ?? 0))
          largest = entry;
      if (!largest) return;
      const [group, hints] = largest;
      shift(hints);
      if (hints.size === 0) groups.delete(group);
    },
    size: () => size,
  };
};
export type FairQueue = ReturnType<typeof createFairQueue>;
