import { randomUUID } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import { httpClient } from '../http-client.ts';
import type { Answer } from '../in-memory-service.ts';
import { verified } from '../verify-webhook.ts';
import { idOf, type Received, type Receiver } from '../webhook-receiver.ts';
import type { Deployment } from './deployment.ts';
import type { Acknowledged } from './writer.ts';

/** Longer than a lease and all injected delays. */
const maxWaitMs = 60_000;
const pollMs = 250;

/** Builds the text of a turn with `count` facts, each of which becomes a memory. */
export const factsOf = (count: number): string =>
  Array.from({ length: count }, (_, i) => `Fact ${i} is ${randomUUID()}.`).join(' ');

/** Returns all notifications that are expected for a turn. */
const expectedNotifications = ({ event, text }: Acknowledged): string[] => [
  `event.pending of ${event}`,
  ...text.split(/(?<=\.) /).map((fact) => `memory_add of ${event}: ${fact}`),
  `event.succeeded of ${event}`,
];

// biome-ignore lint/suspicious/noExplicitAny: what came over the wire is examined, not trusted
const toNotification = ({ type, data }: any): string =>
  `${type} of ${data.event_id}${type === 'memory_add' ? `: ${data.new_text}` : ''}`;

/** Deviations allowed for a delivery whose receiver accepts everything. */
interface Allowed {
  /** Most attempts that were started and never recorded. */
  lost: number;
  /** An unrecorded attempt may have been posted nevertheless. */
  again: boolean;
}

/** Returns the problems of a delivery with `posts` requests received. */
const deliveryProblems = (
  delivery: Answer['body'],
  posts: number,
  { lost, again }: Allowed,
): string[] => {
  const { attempt_count: started, attempts, notification_id: id } = delivery;
  const results = attempts.map(
    ({ number, error }: Answer['body']) => `${number}: ${error ?? 'ok'}`,
  );
  const unrecorded = started - attempts.length;
  const max = again ? started : 1;
  return [
    ...(results.join() === `${started}: ok` ? [] : [`${id} has the attempts ${results}`]),
    ...(unrecorded <= lost ? [] : [`${id} has ${unrecorded} attempts that are not recorded`]),
    ...(posts >= 1 && posts <= max
      ? []
      : [`${id} was posted ${posts} times in ${started} attempts`]),
  ];
};

/** Creates an endpoint at a server that accepts everything, with a filter for one user. */
export const subscribe = async (
  { url, apiKey }: Deployment,
  receiver: Receiver,
  settings: object = {},
) => {
  const client = httpClient(url, apiKey);
  const user = `user-${randomUUID()}`;
  const endpoint = {
    url: `${receiver.url}/${user}`,
    event_types: ['*'],
    filters: { user_id: user },
  };
  const created = await client('POST /v1/endpoints', { body: { ...endpoint, ...settings } });
  const { id, secret } = created.body;

  const requests = (): Received[] => receiver.received.filter(({ path }) => path.endsWith(user));

  /** Polls the deliveries until `count` exist and all have succeeded, or until the deadline. */
  const settled = async (count: number, until: number): Promise<Answer['body'][]> => {
    for (;;) {
      const { body } = await client(`GET /v1/endpoints/${id}/deliveries?limit=100`);
      const isSettled = body.results.every(({ status }: Answer['body']) => status === 'succeeded');
      if ((isSettled && body.results.length >= count) || Date.now() > until) return body.results;
      await after(pollMs);
    }
  };

  const notificationProblems = (received: readonly Received[], expected: readonly string[]) => {
    const first = new Map(received.toReversed().map((each) => [idOf(each), each]));
    const notifications = [...first.values()].map((each) => toNotification(verified(secret, each)));
    const changed = received.filter(
      (each) => verified(secret, each) && !first.get(idOf(each))?.body.equals(each.body),
    );
    return [
      ...expected.flatMap((notification) =>
        notifications.includes(notification) ? [] : [`missing: ${notification}`],
      ),
      ...notifications.flatMap((notification, i) =>
        expected.includes(notification) && notifications.indexOf(notification) === i
          ? []
          : [`unexpected: ${notification}`],
      ),
      ...changed.map((each) => `${idOf(each)} was sent with different bodies`),
    ];
  };

  return {
    user,
    requests,
    /**
     * Returns the problems of the notifications of some turns, in the signed requests and in the service's records.
     * Empty if every notification has one id, was recorded as delivered, and was posted once, apart from the allowed
     * deviations.
     *
     * @throws Error on an invalid signature
     */
    async complaints(
      turns: readonly Acknowledged[],
      allowed: Allowed = { lost: 0, again: false },
    ): Promise<string[]> {
      const expected = turns.flatMap(expectedNotifications);
      const deliveries = await settled(expected.length, Date.now() + maxWaitMs);
      const received = requests();
      const problems = notificationProblems(received, expected);
      for (const { id: delivery } of deliveries) {
        const { body } = await client(`GET /v1/deliveries/${delivery}`);
        const posts = received.filter((each) => idOf(each) === body.notification_id).length;
        problems.push(...deliveryProblems(body, posts, allowed));
      }
      return problems;
    },
  };
};
export type Subscriber = Awaited<ReturnType<typeof subscribe>>;
