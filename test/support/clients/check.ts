import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isUnsupported } from '../../../functions/api/unsupported-routes.ts';

/** Calls one method of a published client and examines what comes back. */
export interface Check<Client> {
  /** Method, command or operation, by the client's own name. */
  method: string;
  /** Route that answers the method, such as `POST /v1/feedback`. */
  route: string;
  run(client: Client, at: Surroundings): Promise<void>;
}

/** Addresses that the checks may use besides the client. */
export interface Surroundings {
  /** URL of a receiver of webhooks that the service may reach. */
  receiverUrl: string;
}

/** Whether the route of a method is missing here on purpose. Until the route exists, the method must fail with 501. */
export const isMissing = ({ route }: { route: string }): boolean => {
  const [method = '', path = ''] = route.split(' ');
  return isUnsupported(method, path);
};

/** Makes an id that no other check uses, so that checks may share a project. */
export const newId = (name: string): string => `${name}-${randomUUID().slice(0, 8)}`;

export const say = (content: string) => [{ role: 'user', content }];

/** Calls `read` until its result satisfies `isDone`, and returns that result; at most 30 s. */
export const until = async <T>(
  read: () => Promise<T>,
  isDone: (result: T) => boolean,
): Promise<T> => {
  const last: { result?: T } = {};
  await expect
    .poll(
      async () => {
        last.result = await read();
        return isDone(last.result);
      },
      { timeout: 30_000, interval: 50 },
    )
    .toBe(true);
  return last.result ?? read();
};

/**
 * Declares one test for each check.
 * @param connect called in the tests, once the service runs
 */
export const describeChecks = <Client>(
  client: string,
  checks: readonly Check<Client>[],
  connect: () => { client: Client; at: Surroundings },
): void => {
  describe(client, () => {
    const runOnClient = ({ run }: Check<Client>) => {
      const { client, at } = connect();
      return run(client, at);
    };
    const [missing, existing] = [
      checks.filter(isMissing),
      checks.filter((each) => !isMissing(each)),
    ];

    it.each(existing)('$method gets what it expects of $route', runOnClient);

    // A failure here means that the route exists: its row of functions/api/unsupported-routes.ts has to go.
    it.each(missing)('$method gets 501 of $route', (check) =>
      expect(runOnClient(check)).rejects.toThrow(/not_supported|does not support this route/),
    );
  });
};
