import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Message } from '../lambda-child.ts';

export interface EnvironmentOptions {
  /** Such as `worker.2`; also its access key. */
  name: string;
  /** What was deployed: nothing beside it can be imported. */
  folder: string;
  /** Such as `index.handler`. */
  handler: string;
  /** All that the process is given. */
  env: { readonly [name: string]: string };
  timeoutMs: number;
  log(line: string): void;
}

const program = fileURLToPath(new URL('../lambda-child.ts', import.meta.url));

/** What is frozen would outlive these tests. */
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
 * An execution environment: a process of its own that loads the deployed code and takes one invocation at a time. In
 * between it is frozen, as the service freezes it: what it left running does not go on.
 */
export const startEnvironment = async (options: EnvironmentOptions) => {
  const { name, folder, handler, env, timeoutMs, log } = options;
  const child = fork(program, [folder, handler], {
    cwd: folder,
    env,
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
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

  const told = async (): Promise<unknown> => {
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
    await told();
  } catch (error) {
    kill();
    throw error;
  }

  return {
    name,
    kill,
    ended,
    hasEnded: () => hasEnded,
    /** @throws Error what the handler threw, or that it took too long or was killed */
    async invoke(event: unknown): Promise<unknown> {
      child.kill('SIGCONT');
      const answer = told();
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
