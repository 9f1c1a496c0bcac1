import { afterEach, beforeEach } from 'vitest';
import { type Running, type RunningService, startService } from './service.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Gives each test of a file a temporary folder, and ends the processes that the test started. */
export const useProcesses = (key: string) => {
  let folder: ReturnType<typeof temporaryFolder>;
  let processes: Running[] = [];

  beforeEach(() => {
    folder = temporaryFolder();
    processes = [];
  });
  afterEach(async () => {
    for (const { child } of processes) child.kill('SIGKILL');
    await Promise.all(processes.map(({ ended }) => ended));
    folder.remove();
  });

  /** Has a process ended after the test. */
  const ending = <R extends Running>(running: R): R => {
    processes.push(running);
    return running;
  };

  return {
    ending,
    /** Path of a file in the folder. */
    file: (name: string): string => folder.file(name),
    /** Starts the service on the folder `data` of the test, with the key. */
    start: async (settings: NodeJS.ProcessEnv = {}): Promise<RunningService> =>
      ending(
        await startService({
          TURNSTONE_DATA_DIR: folder.file('data'),
          TURNSTONE_API_KEY: key,
          ...settings,
        }),
      ),
  };
};
