import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Starts a program in a separate process, with the Node.js that runs the tests. */
export const startChild = (program: URL, ...args: string[]) => {
  const child = spawn(process.execPath, [fileURLToPath(program), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const ended = new Promise<void>((resolve) => lines.once('close', resolve));
  return {
    lines,
    /** Next line of its output; undefined once it has ended. */
    nextLine: (): Promise<string | undefined> =>
      Promise.race([
        new Promise<string>((resolve) => lines.once('line', resolve)),
        ended.then(() => undefined),
      ]),
    /** Kills the process without a chance to clean up, as a power cut does. */
    async kill(): Promise<void> {
      child.kill('SIGKILL');
      await ended;
    },
    ended,
  };
};
