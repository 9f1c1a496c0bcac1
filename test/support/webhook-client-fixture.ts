import { systemClock } from '../../shared/adapters/system/clock.ts';
import {
  createWebhookClient,
  type WebhookClientOptions,
} from '../../shared/adapters/webhook-client/webhook-client.ts';
import { parseAddress } from '../../shared/domain/webhooks/ip-address.ts';
import type { Post, PostResult, WebhookClient } from '../../shared/ports/webhook-client.ts';
import { type RawReceiver, type Reply, startRawReceiver } from './raw-receiver.ts';

export type Receiving = Parameters<typeof startRawReceiver>[1];

/** Creates webhook clients and receivers, which `close` closes. */
export const openWebhookClientFixture = () => {
  const receivers: RawReceiver[] = [];
  const clients: WebhookClient[] = [];

  const service = {
    /** Starts a receiver, which no client may reach unless its port is allowed. */
    async receive(reply: Reply, receiving: Receiving = {}): Promise<RawReceiver> {
      const receiver = await startRawReceiver(reply, receiving);
      receivers.push(receiver);
      return receiver;
    },

    /** Creates a client that may connect to these ports of 127.0.0.1, by name or address. */
    createClient(
      ports: readonly number[],
      options: Partial<WebhookClientOptions> = {},
    ): WebhookClient {
      const address = parseAddress('127.0.0.1');
      const client = createWebhookClient({
        clock: systemClock,
        allow: address ? ports.map((port) => ({ address, port })) : [],
        allowHttp: true,
        ports,
        ...options,
      });
      clients.push(client);
      return client;
    },

    /**
     * Posts once to a receiver with this reply. By default the timeout exceeds that of a test, so that something else
     * must end the attempt.
     */
    async postOnce(reply: Reply, timeoutMs = 600_000) {
      const receiver = await service.receive(reply);
      const client = service.createClient([receiver.port], { timeoutMs });
      const outcome = await client.post(postTo(`http://127.0.0.1:${receiver.port}/hooks`));
      return { outcome, receiver };
    },

    async close(): Promise<void> {
      for (const client of clients.splice(0)) await client.close();
      for (const receiver of receivers.splice(0)) await receiver.stop();
    },
  };
  return service;
};

export const postTo = (url: string, rest: Partial<Post> = {}): Post => ({
  url,
  headers: { 'content-type': 'application/json', 'webhook-id': 'ntf_1' },
  body: Buffer.from('{"said":"hello"}'),
  ...rest,
});

/** Returns the status or the error of an attempt. */
export const resultOf = (outcome: PostResult): string =>
  'error' in outcome ? outcome.error : String(outcome.status);
