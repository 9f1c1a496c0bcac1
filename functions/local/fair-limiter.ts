/** A semaphore whose waiters are admitted group by group in turn, first come first served within a group. */
export interface FairLimiter {
  /** Whether there is room now and nobody waits for it. */
  tryEnter(): boolean;
  /** True once admitted; false when `signal` aborts before. */
  enter(group: string, signal: AbortSignal): Promise<boolean>;
  /** Makes room for the next one. */
  leave(): void;
  waiting(): number;
}

type Admit = () => void;

export const createFairLimiter = (room: number): FairLimiter => {
  const groups = new Map<string, Set<Admit>>();
  let free = room;
  let waiting = 0;

  const forget = (group: string, admit: Admit): void => {
    const waiters = groups.get(group);
    if (!waiters?.delete(admit)) return;
    waiting -= 1;
    if (waiters.size === 0) groups.delete(group);
  };

  /** The first waiter of the group whose turn it is; the group goes to the end. */
  const next = (): Admit | undefined => {
    const [group, waiters] = groups.entries().next().value ?? [];
    const [admit] = waiters ?? [];
    if (group === undefined || waiters === undefined || admit === undefined) return undefined;
    groups.delete(group);
    groups.set(group, waiters);
    forget(group, admit);
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
          forget(group, admit);
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
