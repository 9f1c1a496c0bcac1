/** Number of waiting hints by project. */
export interface ProjectCounts {
  add(project: string, change: 1 | -1): void;
  count(project: string): number;
  /** The project with the most hints, and their number. */
  largest(): [project: string, count: number];
}

/** Creates counts that are all zero. */
export const createProjectCounts = (): ProjectCounts => {
  const counts = new Map<string, number>();
  const count = (project: string): number => counts.get(project) ?? 0;
  return {
    count,
    add(project, change) {
      const changed = count(project) + change;
      if (changed === 0) counts.delete(project);
      else counts.set(project, changed);
    },
    largest() {
      let found: [project: string, count: number] = ['', 0];
      for (const entry of counts) if (entry[1] > found[1]) found = entry;
      return found;
    },
  };
};
