import { systemClock } from '../../shared/adapters/system/clock.ts';
import {
  createWebhookClient,
  type WebhookClientOptions,
} from '../../shared/adapters/webhook-client/webhook-client.ts';
import { parseAddress } from '../../shared/domain/webhooks/ip-address.ts';
import type { Post, PostResult, WebhookClient } from '../../shared/ports/outbound.ts';
import { type RawReceiver, type Reply, startRawReceiver } from './raw-receiver.ts';

export type Receiving = Parameters<typeof startRawReceiver>[1];

/** The way out, and receivers of which some are allowed; what a test opens is closed with it. */
export const openWebhookClientFixture = () => {
  const receivers: RawReceiver[] = [];
  const ways: WebhookClient[] = [];

  const service = {
    /** Nothing may reach it unless a way out is opened for its port. */
    async receive(reply: Reply, receiving: Receiving = {}): Promise<RawReceiver> {
      const receiver = await startRawReceiver(reply, receiving);
      receivers.push(receiver);
      return receiver;
    },

    /** A way out that may go to these ports of 127.0.0.1, under a name or without. */
    wayTo(ports: readonly number[], options: Partial<WebhookClientOptions> = {}): WebhookClient {
      const address = parseAddress('127.0.0.1');
      const way = createWebhookClient({
        clock: systemClock,
        allow: address ? ports.map((port) => ({ address, port })) : [],
        allowHttp: true,
        ports,
        ...options,
      });
      ways.push(way);
      return way;
    },

    /** Posts once to a receiver that replies like this. */
    async postOnce(reply: Reply, timeoutMs = 5_000) {
      const receiver = await service.receive(reply);
      const way = service.wayTo([receiver.port], { timeoutMs });
      const from = performance.now();
      const outcome = await way.post(postTo(`http://127.0.0.1:${receiver.port}/hooks`));
      return { outcome, receiver, ms: performance.now() - from };
    },

    async close(): Promise<void> {
      for (const way of ways.splice(0)) await way.close();
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

/** What became of an attempt, in one word. */
export const fateOf = (outcome: PostResult): string =>
  'error' in outcome ? outcome.error : String(outcome.status);
