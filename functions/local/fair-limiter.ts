/** Semaphore with fair queuing: groups of waiters are served round robin, waiters within a group first come first served. */
export interface FairLimiter {
  /** Takes a permit if one is free for the group. */
  tryEnter(group: string): boolean;
  /** Waits for a permit. Returns false if `signal` aborts first. */
  enter(group: string, signal: AbortSignal): Promise<boolean>;
  /** Returns a permit of the group: the next waiter gets it. */
  leave(group: string): void;
  /** Number of waiters. */
  waiting(): number;
}

type Admit = () => void;

/** @param perGroup permits that one group may hold, so that a slow group leaves some to the others */
export const createFairLimiter = (permits: number, perGroup = permits): FairLimiter => {
  const groups = new Map<string, Set<Admit>>();
  const used = new Map<string, number>();
  let free = permits;
  let waiting = 0;

  const remove = (group: string, admit: Admit): void => {
    const waiters = groups.get(group);
    if (!waiters?.delete(admit)) return;
    waiting -= 1;
    if (waiters.size === 0) groups.delete(group);
  };

  const usedBy = (group: string): number => used.get(group) ?? 0;

  const take = (group: string): void => {
    free -= 1;
    used.set(group, usedBy(group) + 1);
  };

  const release = (group: string): void => {
    free += 1;
    if (usedBy(group) > 1) used.set(group, usedBy(group) - 1);
    else used.delete(group);
  };

  /** Admits the first waiter of the next group that may hold one more permit, and moves that group to the end of the round. */
  const admitNext = (): void => {
    for (const [group, waiters] of groups) {
      const [admit] = waiters;
      if (admit === undefined || usedBy(group) >= perGroup) continue;
      groups.delete(group);
      groups.set(group, waiters);
      remove(group, admit);
      take(group);
      admit();
      return;
    }
  };

  // A permit is free while groups wait only if each of them holds as many as it may: no waiter that could enter is ahead.
  const tryEnter = (group: string): boolean => {
    if (free === 0 || usedBy(group) >= perGroup) return false;
    take(group);
    return true;
  };

  return {
    tryEnter,
    enter: async (group, signal) => {
      if (signal.aborted) return false;
      if (tryEnter(group)) return true;
      return new Promise((resolve) => {
        const admit = (): void => {
          signal.removeEventListener('abort', cancel);
          resolve(true);
        };
        const cancel = (): void => {
          remove(group, admit);
          resolve(false);
        };
        signal.addEventListener('abort', cancel, { once: true });
        const waiters = groups.get(group) ?? new Set();
        groups.set(group, waiters.add(admit));
        waiting += 1;
      });
    },
    leave(group) {
      release(group);
      admitNext();
    },
    waiting: () => waiting,
  };
};
