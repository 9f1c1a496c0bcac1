import type { Endpoint } from '../../domain/endpoint.ts';
import type { EndpointHeaders } from '../../domain/endpoint-headers.ts';
import type { Notification } from '../../domain/notification.ts';
import { sign } from '../../domain/signature.ts';
import type { Dispatch } from '../../ports/platform.ts';
import { openSecrets } from './live-secrets.ts';

const ownHeaders = async (
  { secretBox }: Pick<Dispatch, 'secretBox'>,
  { project, id, headers }: Endpoint,
): Promise<EndpointHeaders> =>
  headers === undefined ? {} : JSON.parse(await secretBox.open(headers, { project, endpoint: id }));

const hidden = '[redacted]';

/** What is posted, and how much of it may be shown: neither signatures nor the customer's own values. */
export interface Letter {
  headers: EndpointHeaders;
  shownHeaders: EndpointHeaders;
  body: Uint8Array;
}

/** Signs anew, with the secrets that are valid at this moment; undefined when the endpoint has none left. */
export const write = async (
  platform: Dispatch,
  endpoint: Endpoint,
  notification: Notification,
): Promise<Letter | undefined> => {
  const [secrets, own] = await Promise.all([
    openSecrets(platform, endpoint),
    ownHeaders(platform, endpoint),
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
    shownHeaders: {
      ...Object.fromEntries(Object.keys(own).map((name) => [name, hidden])),
      ...plain,
      'webhook-signature': hidden,
    },
    body,
  };
};
