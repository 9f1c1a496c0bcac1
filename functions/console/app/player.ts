import type { Action, Run } from './simulation.ts';

/** `acting`: one step, which shows what the visitor just did. `running`: to the end, without waits. */
export type Mode = 'paused' | 'stepping' | 'acting' | 'playing' | 'running';

export interface Player {
  mode(): Mode;
  set(mode: Mode): void;
  act(what: Action['what']): Action;
}

const framesEveryMs = 120;

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const isOnce = (mode: Mode): boolean => mode === 'stepping' || mode === 'acting';

/**
 * Advances a run at the pace that the visitor chose. Each step of the run is a task of its own, so that the page stays usable.
 * @param onChange called when there is something new to show
 */
export const createPlayer = (
  run: Run,
  stepsPerSecond: () => number,
  onChange: () => void,
): Player => {
  let mode: Mode = 'paused';
  let isDriving = false;

  /** Advances to the next step that is more than a read or a wait. */
  const advanceToEvent = async (): Promise<boolean> => {
    const before = run.loudEntries();
    while (await run.advance()) if (run.loudEntries() > before) return true;
    return false;
  };

  const advanceForFrame = async (): Promise<boolean> => {
    const until = performance.now() + framesEveryMs;
    while (await run.advance()) if (performance.now() >= until || mode !== 'running') return true;
    return false;
  };

  const advance = (): Promise<boolean> => {
    if (mode === 'acting') return run.advance();
    return mode === 'running' ? advanceForFrame() : advanceToEvent();
  };

  const drive = async (): Promise<void> => {
    isDriving = true;
    while (mode !== 'paused') {
      const asked = mode;
      const goesOn = await advance();
      if (!goesOn || (mode === asked && isOnce(asked))) mode = 'paused';
      onChange();
      await delay(mode === 'playing' ? 1_000 / stepsPerSecond() : 0);
    }
    isDriving = false;
  };

  const set = (next: Mode): void => {
    mode = next;
    onChange();
    if (!isDriving && mode !== 'paused') void drive();
  };

  return {
    mode: () => mode,
    set,
    act(what) {
      const action = run.act(what);
      if (mode === 'paused') set('acting');
      return action;
    },
  };
};
