import { randomUUID } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import { httpClient } from '../http-client.ts';
import type { Answer } from '../in-memory-service.ts';
import { verified } from '../verify-webhook.ts';
import { idOf, type Received, type Receiver } from '../webhook-receiver.ts';
import type { Deployment } from './deployment.ts';
import type { Acknowledged } from './writer.ts';

/** Longer than a lease and all that goes wrong besides. */
const patienceMs = 60_000;
/** Between two looks. */
const lookMs = 250;

/** A turn of so many facts, each of which becomes a memory. */
export const factsOf = (count: number): string =>
  Array.from({ length: count }, (_, i) => `Fact ${i} is ${randomUUID()}.`).join(' ');

/** All that a customer is to be told of a turn. */
const tidingsOf = ({ event, text }: Acknowledged): string[] => [
  `event.pending of ${event}`,
  ...text.split(/(?<=\.) /).map((fact) => `memory_add of ${event}: ${fact}`),
  `event.succeeded of ${event}`,
];

// biome-ignore lint/suspicious/noExplicitAny: what came over the wire is examined, not trusted
const tidingOf = ({ type, data }: any): string =>
  `${type} of ${data.event_id}${type === 'memory_add' ? `: ${data.new_text}` : ''}`;

/** What may have become of a delivery whose receiver takes everything. */
interface Allowed {
  /** Attempts that were begun, and of which nothing is recorded. */
  lost: number;
  /** Whether one of those may have been posted nevertheless. */
  again: boolean;
}

/** What is wrong with a delivery of which `posts` requests came. */
const complaintsAbout = (
  delivery: Answer['body'],
  posts: number,
  { lost, again }: Allowed,
): string[] => {
  const { attempt_count: begun, attempts, notification_id: id } = delivery;
  const results = attempts.map(
    ({ number, error }: Answer['body']) => `${number}: ${error ?? 'ok'}`,
  );
  const unrecorded = begun - attempts.length;
  const max = again ? begun : 1;
  return [
    ...(results.join() === `${begun}: ok` ? [] : [`${id} has the attempts ${results}`]),
    ...(unrecorded <= lost ? [] : [`${id} has ${unrecorded} attempts that are not recorded`]),
    ...(posts >= 1 && posts <= max ? [] : [`${id} came ${posts} times in ${begun} attempts`]),
  ];
};

/** A customer with an endpoint, at a server that takes everything, who is told of one user alone. */
export const subscribe = async (
  { url, apiKey }: Deployment,
  receiver: Receiver,
  settings: object = {},
) => {
  const client = httpClient(url, apiKey);
  const user = `user-${randomUUID()}`;
  const asked = { url: `${receiver.url}/${user}`, event_types: ['*'], filters: { user_id: user } };
  const created = await client('POST /v1/endpoints', { body: { ...asked, ...settings } });
  const { id, secret } = created.body;

  const received = (): Received[] => receiver.received.filter(({ path }) => path.endsWith(user));

  /** Its deliveries, once they are so many and have all succeeded, or time is up. */
  const settled = async (count: number, until: number): Promise<Answer['body'][]> => {
    for (;;) {
      const { body } = await client(`GET /v1/endpoints/${id}/deliveries?limit=100`);
      const isSettled = body.results.every(({ status }: Answer['body']) => status === 'succeeded');
      if ((isSettled && body.results.length >= count) || Date.now() > until) return body.results;
      await after(lookMs);
    }
  };

  const complaintsAboutTidings = (requests: readonly Received[], expected: readonly string[]) => {
    const first = new Map(requests.toReversed().map((each) => [idOf(each), each]));
    const came = [...first.values()].map((each) => tidingOf(verified(secret, each)));
    const changed = requests.filter(
      (each) => verified(secret, each) && !first.get(idOf(each))?.body.equals(each.body),
    );
    return [
      ...expected.flatMap((tiding) => (came.includes(tiding) ? [] : [`untold: ${tiding}`])),
      ...came.flatMap((tiding, i) =>
        expected.includes(tiding) && came.indexOf(tiding) === i ? [] : [`too much: ${tiding}`],
      ),
      ...changed.map((each) => `${idOf(each)} says now this, now that`),
    ];
  };

  return {
    user,
    received,
    /**
     * What is wrong with what it was told of its turns, by signed requests and by the service's own account; empty when
     * all is well: each thing under one id and recorded as taken, and each request once unless it is allowed otherwise.
     * @throws when a signature is not right
     */
    async complaints(
      turns: readonly Acknowledged[],
      allowed: Allowed = { lost: 0, again: false },
    ): Promise<string[]> {
      const expected = turns.flatMap(tidingsOf);
      const deliveries = await settled(expected.length, Date.now() + patienceMs);
      const requests = received();
      const complaints = complaintsAboutTidings(requests, expected);
      for (const { id: delivery } of deliveries) {
        const { body } = await client(`GET /v1/deliveries/${delivery}`);
        const posts = requests.filter((each) => idOf(each) === body.notification_id).length;
        complaints.push(...complaintsAbout(body, posts, allowed));
      }
      return complaints;
    },
  };
};
export type Subscriber = Awaited<ReturnType<typeof subscribe>>;
