/** Something to wait for that happens again and again; what happens between two waits counts for the next. */
export interface Bell {
  ring(): void;
  wait(atMost?: Promise<void>): Promise<void>;
  hasRung(): boolean;
}

export const createBell = (): Bell => {
  let hasRung = false;
  let wake = (): void => {};
  return {
    ring() {
      hasRung = true;
      wake();
    },
    async wait(atMost) {
      const rung = new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (!hasRung) await (atMost ? Promise.race([rung, atMost]) : rung);
      hasRung = false;
    },
    hasRung: () => hasRung,
  };
};
