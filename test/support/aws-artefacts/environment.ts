import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Message } from '../lambda-child.ts';

export interface EnvironmentOptions {
  /** Name such as `worker.2`, which is also the access key. */
  name: string;
  /** Folder of the deployed bundle; nothing else can be imported. */
  folder: string;
  /** Handler setting, such as `index.handler`. */
  handler: string;
  /** Complete environment of the process. */
  env: { readonly [name: string]: string };
  timeoutMs: number;
  log(line: string): void;
}

const program = fileURLToPath(new URL('../lambda-child.ts', import.meta.url));

/** Functions that kill the running environments at exit: a frozen process would outlive the tests. */
const running = new Set<() => void>();
process.once('exit', () => {
  for (const kill of running) kill();
});

const nextMessage = (child: ChildProcess): Promise<Message> =>
  new Promise((resolve, reject) => {
    const onMessage = (message: Message) => {
      child.off('exit', onExit);
      resolve(message);
    };
    const onExit = () => {
      child.off('message', onMessage);
      reject(new Error('The environment ended before it answered.'));
    };
    child.once('message', onMessage);
    child.once('exit', onExit);
  });

/**
 * Starts an execution environment of Lambda: a child process that loads the deployed code and handles one invocation at
 * a time. Between invocations the process is frozen, as in Lambda, so that work left running does not continue.
 */
export const startEnvironment = async (options: EnvironmentOptions) => {
  const { name, folder, handler, env, timeoutMs, log } = options;
  const child = fork(program, [folder, handler], {
    cwd: folder,
    env,
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  // A message to a killed process fails with EPIPE; the exit is reported instead.
  child.on('error', () => undefined);
  let hasEnded = false;
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      hasEnded = true;
      resolve();
    }),
  );
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', log);
  const kill = () => void child.kill('SIGKILL');
  running.add(kill);
  void ended.then(() => running.delete(kill));

  const awaitAnswer = async (): Promise<unknown> => {
    const late = setTimeout(kill, timeoutMs);
    try {
      const message = await nextMessage(child);
      if (message.kind === 'error') throw new Error(message.message);
      return message.kind === 'answer' ? message.value : undefined;
    } finally {
      clearTimeout(late);
    }
  };

  try {
    await awaitAnswer();
  } catch (error) {
    kill();
    throw error;
  }

  return {
    name,
    kill,
    ended,
    hasEnded: () => hasEnded,
    /** @throws Error of the handler, of a timeout, or of a killed environment */
    async invoke(event: unknown): Promise<unknown> {
      child.kill('SIGCONT');
      const answer = awaitAnswer();
      child.send({ id: randomUUID(), event, endsAt: Date.now() + timeoutMs });
      try {
        return await answer;
      } finally {
        child.kill('SIGSTOP');
      }
    },
  };
};
export type Environment = Awaited<ReturnType<typeof startEnvironment>>;
