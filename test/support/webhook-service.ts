import { setTimeout as sleep } from 'node:timers/promises';
import { parseAllowlistEntry } from '../../shared/domain/webhooks/allowlist.ts';
import { type Answer, type Client, openService } from './in-memory-service.ts';
import { startReceiver } from './webhook-receiver.ts';

/** The service with a customer's server on its allowlist. Retries follow each other quickly. */
export const openWebhookService = async (options: Parameters<typeof openService>[0] = {}) => {
  const receiver = await startReceiver();
  const pair = parseAllowlistEntry(receiver.pair);
  const service = await openService({
    webhookAllow: pair ? [pair] : [],
    webhookSchedule: [0, 1, 1],
    ...options,
  });

  return {
    ...service,
    receiver,
    /** Creates an endpoint at the receiver; returns it with its secret. */
    async register(fields: object = {}, client: Client = service.client): Promise<Answer['body']> {
      const body = { url: receiver.url, event_types: ['*'], ...fields };
      const created = await client('POST /v1/endpoints', { body });
      if (created.status !== 201) throw new Error(JSON.stringify(created.body));
      return created.body;
    },
    async close(): Promise<void> {
      await service.close();
      await receiver.close();
    },
  };
};
export type WebhookService = Awaited<ReturnType<typeof openWebhookService>>;

/** Repeats a request until its answer passes the test, and returns the answer. */
export const eventually = async (
  client: Client,
  request: string,
  isThere: (body: Answer['body']) => boolean,
  withinMs = 15_000,
): Promise<Answer['body']> => {
  const until = Date.now() + withinMs;
  for (;;) {
    const { body } = await client(request);
    if (isThere(body)) return body;
    if (Date.now() > until) throw new Error(`${request} stays ${JSON.stringify(body)}`);
    await sleep(20);
  }
};

/** Waits until an endpoint has deliveries, as many as are expected, and all of them are final, and returns them. */
export const settled = async (
  client: Client,
  endpoint: string,
  atLeast = 1,
): Promise<Answer['body'][]> => {
  const { results } = await eventually(
    client,
    `GET /v1/endpoints/${endpoint}/deliveries`,
    ({ results }) =>
      results.length >= atLeast &&
      results.every((each: Answer['body']) =>
        ['succeeded', 'exhausted', 'cancelled'].includes(each.status),
      ),
  );
  return results;
};
