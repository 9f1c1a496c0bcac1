import { type Environment, type EnvironmentOptions, startEnvironment } from './environment.ts';

export interface FunctionOptions extends Omit<EnvironmentOptions, 'name'> {
  /** Name such as `worker`. */
  name: string;
  /** Most environments; further invocations wait. */
  max: number;
}

/**
 * Creates a deployed function. An invocation uses an idle environment or a new one. Each environment has its own
 * credentials, by which the proxy identifies its calls.
 */
export const createFunction = ({ name, max, env, ...options }: FunctionOptions) => {
  const idle: Environment[] = [];
  const all = new Set<Environment>();
  const waiting: (() => void)[] = [];
  let busy = 0;
  let started = 0;

  const open = async (): Promise<Environment> => {
    started += 1;
    const id = `${name}.${started}`;
    const environment = await startEnvironment({
      ...options,
      name: id,
      env: { ...env, AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: 'secret' },
    });
    all.add(environment);
    void environment.ended.then(() => all.delete(environment));
    return environment;
  };

  const take = async (): Promise<Environment> => {
    for (let found = idle.pop(); found; found = idle.pop()) if (!found.hasEnded()) return found;
    return open();
  };

  return {
    name,
    /** @throws Error of the handler, or the reason why the handler did not finish */
    async invoke(event: unknown): Promise<unknown> {
      while (busy >= max) await new Promise<void>((resolve) => waiting.push(resolve));
      busy += 1;
      try {
        const environment = await take();
        try {
          return await environment.invoke(event);
        } finally {
          if (!environment.hasEnded()) idle.push(environment);
        }
      } finally {
        busy -= 1;
        waiting.shift()?.();
      }
    },
    busy: () => busy,
    /** Kills an environment at any point, like a crash. */
    kill(id: string): void {
      for (const environment of all) if (environment.name === id) environment.kill();
    },
    async stop(): Promise<void> {
      for (const environment of all) environment.kill();
      await Promise.all([...all].map(({ ended }) => ended));
    },
  };
};
export type Deployed = ReturnType<typeof createFunction>;
