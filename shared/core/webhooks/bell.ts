/** Something to wait for that happens again and again; what happens between two waits counts for the next. */
export interface AutoResetEvent {
  set(): void;
  wait(timeout?: Promise<void>): Promise<void>;
  isSet(): boolean;
}

export const createAutoResetEvent = (): AutoResetEvent => {
  let isSet = false;
  let wake = (): void => {};
  return {
    set() {
      isSet = true;
      wake();
    },
    async wait(timeout) {
      const rung = new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (!isSet) await (timeout ? Promise.race([rung, timeout]) : rung);
      isSet = false;
    },
    isSet: () => isSet,
  };
};
