import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import type { EndpointHeaders } from '../../domain/webhooks/endpoint-headers.ts';
import type { Notification } from '../../domain/webhooks/notification.ts';
import { sign } from '../../domain/webhooks/signature.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';
import { decryptCached } from './open-sealed.ts';
import { decryptSecrets } from './signing-secrets.ts';

const customHeaders = async (
  platform: WebhookPlatform,
  { project, id, headers }: Endpoint,
): Promise<EndpointHeaders> =>
  headers === undefined
    ? {}
    : JSON.parse(await decryptCached(platform, headers, { project, endpoint: id }));

const hidden = '[redacted]';

/** What is posted, and how much of it may be shown: neither signatures nor the customer's own values. */
export interface SignedRequest {
  headers: EndpointHeaders;
  loggedHeaders: EndpointHeaders;
  body: Uint8Array;
}

/** Signs anew, with the secrets that are valid at this moment; undefined when the endpoint has none left. */
export const signRequest = async (
  platform: WebhookPlatform,
  endpoint: Endpoint,
  notification: Notification,
): Promise<SignedRequest | undefined> => {
  const [secrets, own] = await Promise.all([
    decryptSecrets(platform, endpoint),
    customHeaders(platform, endpoint),
  ]);
  if (secrets.length === 0) return undefined;
  const body = Buffer.from(notification.body);
  const timestamp = Math.floor(platform.clock.now() / 1_000);
  const plain = {
    'content-type': 'application/json',
    'user-agent': 'Turnstone-Webhooks',
    'webhook-id': notification.id,
    'webhook-timestamp': String(timestamp),
  };
  const signature = sign({ id: notification.id, timestamp, body }, secrets);
  return {
    headers: { ...own, ...plain, 'webhook-signature': signature },
    loggedHeaders: {
      ...Object.fromEntries(Object.keys(own).map((name) => [name, hidden])),
      ...plain,
      'webhook-signature': hidden,
    },
    body,
  };
};
