import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A program in a process of its own, on the node that runs the tests. */
export const startChild = (program: URL, ...args: string[]) => {
  const child = spawn(process.execPath, [fileURLToPath(program), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const ended = new Promise<void>((resolve) => lines.once('close', resolve));
  return {
    lines,
    /** The next line it prints; undefined when it has ended. */
    nextLine: (): Promise<string | undefined> =>
      Promise.race([
        new Promise<string>((resolve) => lines.once('line', resolve)),
        ended.then(() => undefined),
      ]),
    /** Ends it as a power cut would. */
    async kill(): Promise<void> {
      child.kill('SIGKILL');
      await ended;
    },
    ended,
  };
};
