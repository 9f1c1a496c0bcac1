import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';
import { readSource, root, scriptEnv } from './repository.ts';

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readSource('package.json')));

export interface Running {
  child: ChildProcess;
  out(): string;
  err(): string;
  /** Resolves with the output once it contains `text`; rejects if the process ends first. */
  shows(text: string | RegExp): Promise<string>;
  /** Resolves with the exit code. */
  ended: Promise<number | null>;
}

const cleanEnv = (settings: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(
    Object.entries(scriptEnv()).filter(
      ([name]) => !/^(TURNSTONE|OPENAI|PINECONE|OTEL)_/.test(name),
    ),
  ),
  ...settings,
});

/** Runs a command with no settings but `settings`. */
export const runCommand = (
  command: string,
  args: readonly string[],
  settings: NodeJS.ProcessEnv,
): Running => {
  const child = spawn(command, args, { cwd: root, env: cleanEnv(settings) });
  let out = '';
  let err = '';
  child.stdout.on('data', (text) => {
    out += text;
  });
  child.stderr.on('data', (text) => {
    err += text;
  });
  const ended = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : null));
  return {
    child,
    out: () => out,
    err: () => err,
    ended,
    shows: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (out.search(text) >= 0) resolve(out);
        };
        look();
        child.stdout.on('data', look);
        void ended.then((code) => reject(new Error(`ended with ${code}: ${out}${err}`)));
      }),
  };
};

/** Runs the command of an npm script without npm, so that signals and exit codes are those of the command. */
export const runScript = (
  name: string,
  settings: NodeJS.ProcessEnv,
  ...args: string[]
): Running => {
  const script = (scripts[name] ?? '').replace(/^exec /, '');
  const [command = '', ...fixed] = script.split(' ');
  return runCommand(command, [...fixed, ...args], settings);
};

export interface RunningService extends Running {
  url: string;
}

/** Runs `npm start` on a free port, until the service is ready for requests. */
export const startService = async (settings: NodeJS.ProcessEnv): Promise<RunningService> => {
  const running = runScript('start', { TURNSTONE_PORT: '0', ...settings });
  const shown = await running.shows(/listens on http\S+\n[\s\S]*curl .*\n/);
  const [, url = ''] = /listens on (http\S+)/.exec(shown) ?? [];
  return { ...running, url };
};
