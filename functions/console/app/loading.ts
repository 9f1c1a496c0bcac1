import { useCallback, useEffect, useState } from 'preact/hooks';

interface Loaded<Value> {
  value: Value | undefined;
  error: string | undefined;
  reload(): void;
}

const sentenceOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/**
 * Loads a value for a key, again every `everyMs` while the page is visible, and again when `news` changes. An answer for an earlier key
 * is dropped; after an error the last value stays.
 */
export const useLoaded = <Value>(
  key: string,
  load: () => Promise<Value>,
  everyMs?: number,
  news?: number,
): Loaded<Value> => {
  const [state, setState] = useState<{ key: string; value?: Value; error?: string }>({ key });
  const [version, setVersion] = useState(0);
  const reload = useCallback(() => setVersion((before) => before + 1), []);

  useEffect(() => {
    let isCurrent = true;
    const run = async (): Promise<void> => {
      try {
        const value = await load();
        if (isCurrent) setState({ key, value });
      } catch (error) {
        if (isCurrent)
          setState((before) => ({
            ...(before.key === key ? before : {}),
            key,
            error: sentenceOf(error),
          }));
      }
    };
    void run();
    const timer =
      everyMs === undefined
        ? undefined
        : setInterval(() => {
            if (document.visibilityState === 'visible') void run();
          }, everyMs);
    return () => {
      isCurrent = false;
      clearInterval(timer);
    };
    // The key stands for all that `load` reads.
  }, [key, version, everyMs, news]);

  return state.key === key
    ? { value: state.value, error: state.error, reload }
    : { value: undefined, error: undefined, reload };
};

interface Action {
  isBusy: boolean;
  error: string | undefined;
  run(): Promise<void>;
}

/** Runs an action once at a time, and keeps its error until the next run. */
export const useAction = (act: () => Promise<unknown>): Action => {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const run = async (): Promise<void> => {
    if (isBusy) return;
    setBusy(true);
    setError(undefined);
    try {
      await act();
    } catch (thrown) {
      setError(sentenceOf(thrown));
    }
    setBusy(false);
  };
  return { isBusy, error, run };
};
