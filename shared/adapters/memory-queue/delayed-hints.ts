import type { Hint } from '../../ports/queue.ts';
import { createProjectCounts } from './project-counts.ts';

/** Creates the hints that wait for their time. Of several times of one hint the earliest counts. */
export const createDelayedHints = () => {
  const waiting = new Map<string, { hint: Hint; readyAt: number }>();
  const projects = createProjectCounts();
  let nextDueAt = Number.POSITIVE_INFINITY;

  const remove = (name: string, { project }: Hint): void => {
    waiting.delete(name);
    projects.add(project, -1);
  };

  return {
    projects,
    add(name: string, hint: Hint, readyAt: number): void {
      const earlier = waiting.get(name);
      if (earlier && earlier.readyAt <= readyAt) return;
      if (!earlier) projects.add(hint.project, 1);
      waiting.set(name, { hint, readyAt });
      nextDueAt = Math.min(nextDueAt, readyAt);
    },
    /** Removes and returns the hints whose time has come. */
    takeDue(now: number): [name: string, hint: Hint][] {
      if (nextDueAt > now) return [];
      const due: [name: string, hint: Hint][] = [];
      nextDueAt = Number.POSITIVE_INFINITY;
      for (const [name, { hint, readyAt }] of waiting) {
        if (readyAt > now) nextDueAt = Math.min(nextDueAt, readyAt);
        else {
          remove(name, hint);
          due.push([name, hint]);
        }
      }
      return due;
    },
    nextDueAt: () => nextDueAt,
    /** Drops the oldest hint of a project. */
    dropOne(project: string): void {
      for (const [name, { hint }] of waiting)
        if (hint.project === project) {
          remove(name, hint);
          return;
        }
    },
    size: () => waiting.size,
  };
};
