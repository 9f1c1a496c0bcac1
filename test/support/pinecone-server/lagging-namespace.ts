import type { Vector } from './bodies.ts';

type Change = (vectors: Map<string, Vector>) => void;

/** Namespace in which each write, deletions included, becomes visible after its lag, in the order of the log. */
export const createLaggingNamespace = (now: () => number) => {
  const visible = new Map<string, Vector>();
  let log: { number: number; showsAt: number; change: Change }[] = [];
  let written = 0;
  let indexed = 0;

  const catchUp = (until: number): void => {
    while (log[0] && log[0].showsAt <= until) {
      log[0].change(visible);
      indexed = log[0].number;
      log = log.slice(1);
    }
  };

  return {
    /** Appends a write and returns its log sequence number. */
    write(lagMs: number, change: Change): number {
      written += 1;
      log.push({ number: written, showsAt: now() + lagMs, change });
      return written;
    },
    read(): { vectors: Map<string, Vector>; indexed: number } {
      catchUp(now());
      return { vectors: visible, indexed };
    },
    settle: () => catchUp(Number.POSITIVE_INFINITY),
  };
};

export type LaggingNamespace = ReturnType<typeof createLaggingNamespace>;
