import { writeFileSync } from 'node:fs';
import { root } from '../repository.ts';
import { runCommand } from '../service.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** The published command line, with a home folder of its own. */
export interface PublishedCli {
  /** Runs a command, and returns what it prints to both outputs. @throws Error with the output when its exit code is not 0 */
  run(...args: string[]): Promise<string>;
  /** Runs a command that prints JSON, and returns the JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: the output is examined, not trusted
  json(...args: string[]): Promise<any>;
  /** Writes a file for a command to read, and returns its path. */
  file(name: string, content: object): string;
  close(): void;
}

// Each command starts a timer of 5 s and never clears it. Without a reference the timer does not delay the end of the process.
const withoutTimer = `const { setTimeout: set } = globalThis;
globalThis.setTimeout = (run, ms, ...args) => ms === 5000 ? set(run, ms, ...args).unref() : set(run, ms, ...args);`;
const preload = ['--import', `data:text/javascript,${encodeURIComponent(withoutTimer)}`];

/** Opens the published command line for the service. The telemetry of the commands is off. */
export const openCli = ({ url, apiKey }: { url: string; apiKey: string }): PublishedCli => {
  const home = temporaryFolder();
  const program = `${root}/test/peers/node_modules/@mem0/cli/dist/index.js`;
  const settings = {
    HOME: home.path,
    MEM0_API_KEY: apiKey,
    MEM0_BASE_URL: url,
    MEM0_TELEMETRY: 'false',
    NO_COLOR: '1',
  };
  const execute = async (args: readonly string[]) => {
    const { child, ended, out, err } = runCommand(
      process.execPath,
      [...preload, program, ...args],
      settings,
    );
    child.stdin?.end();
    const code = await ended;
    if (code !== 0) throw new Error(`exit code ${code}: ${out()}${err()}`);
    return { out: out(), all: `${out()}${err()}` };
  };
  return {
    run: async (...args) => (await execute(args)).all,
    json: async (...args) => JSON.parse((await execute(args)).out),
    file(name, content) {
      writeFileSync(home.file(name), JSON.stringify(content));
      return home.file(name);
    },
    close: home.remove,
  };
};
