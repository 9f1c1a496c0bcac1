/** Semaphore with fair queuing: groups of waiters are served round robin, waiters within a group first come first served. */
export interface FairLimiter {
  /** Takes a permit if one is free and no waiter is ahead. */
  tryEnter(): boolean;
  /** Waits for a permit. Returns false if `signal` aborts first. */
  enter(group: string, signal: AbortSignal): Promise<boolean>;
  /** Returns a permit: the next waiter gets it. */
  leave(): void;
  /** Number of waiters. */
  waiting(): number;
}

type Admit = () => void;

export const createFairLimiter = (permits: number): FairLimiter => {
  const groups = new Map<string, Set<Admit>>();
  let free = permits;
  let waiting = 0;

  const remove = (group: string, admit: Admit): void => {
    const waiters = groups.get(group);
    if (!waiters?.delete(admit)) return;
    waiting -= 1;
    if (waiters.size === 0) groups.delete(group);
  };

  /** Removes the first waiter of the next group and moves that group to the end of the round. */
  const next = (): Admit | undefined => {
    const [group, waiters] = groups.entries().next().value ?? [];
    const [admit] = waiters ?? [];
    if (group === undefined || waiters === undefined || admit === undefined) return undefined;
    groups.delete(group);
    groups.set(group, waiters);
    remove(group, admit);
    return admit;
  };

  const tryEnter = (): boolean => {
    if (free === 0 || waiting > 0) return false;
    free -= 1;
    return true;
  };

  return {
    tryEnter,
    enter: async (group, signal) => {
      if (signal.aborted) return false;
      if (tryEnter()) return true;
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
    leave() {
      const admit = next();
      if (admit) admit();
      else free += 1;
    },
    waiting: () => waiting,
  };
};
