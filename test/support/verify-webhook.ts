import { createHmac, timingSafeEqual } from 'node:crypto';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import type { Received } from './webhook-receiver.ts';

const headersOf = ({ headers }: Received): { [name: string]: string } =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

/** Verifies a signature as Standard Webhooks 1.0 specifies, without a library. */
const verifyByHand = (secret: string, { headers, body }: Received): void => {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const head = `${headers['webhook-id']}.${headers['webhook-timestamp']}.`;
  const expected = createHmac('sha256', key).update(head).update(body).digest();
  const matches = String(headers['webhook-signature'])
    .split(' ')
    .some((signature) => {
      const [version, encoded = ''] = signature.split(',');
      const given = Buffer.from(encoded, 'base64');
      return version === 'v1' && given.length === 32 && timingSafeEqual(given, expected);
    });
  if (!matches) throw new Error('No signature matches.');
};

/**
 * Payload of a webhook whose raw bytes three independent implementations have verified.
 * @throws if one of the implementations rejects the signature
 */
// biome-ignore lint/suspicious/noExplicitAny: what came over the wire is examined, not trusted
export const verified = (secret: string, received: Received): any => {
  const headers = headersOf(received);
  verifyByHand(secret, received);
  new SvixWebhook(secret).verify(received.body, headers);
  return new StandardWebhook(secret).verify(received.body, headers);
};

/** Whether all three implementations reject the signature for a secret. */
export const isRefused = (secret: string, received: Received): boolean => {
  const headers = headersOf(received);
  const receivers = [
    () => verifyByHand(secret, received),
    () => new SvixWebhook(secret).verify(received.body, headers),
    () => new StandardWebhook(secret).verify(received.body, headers),
  ];
  return receivers.every((verify) => {
    try {
      verify();
      return false;
    } catch {
      return true;
    }
  });
};
