import { endpointKey, notificationKey } from '../../domain/table/keys.ts';
import type { Attempt } from '../../domain/webhooks/attempt.ts';
import { type Delivery, hasManualTrigger, type Trigger } from '../../domain/webhooks/delivery.ts';
import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import type { EndpointHeaders } from '../../domain/webhooks/endpoint-headers.ts';
import type { Notification } from '../../domain/webhooks/notification.ts';
import { errorOfStatus } from '../../domain/webhooks/response.ts';
import { sign } from '../../domain/webhooks/signature.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';
import type { PostResult } from '../../ports/webhook-client.ts';
import { traced } from '../traced.ts';
import type { AttemptLease } from './claim-attempt.ts';
import { decryptSecrets } from './signing-secrets.ts';
import type { SlotBlock } from './slot-blocks.ts';

/** A POST that was made, answered or not. */
export interface Sent {
  attempt: Attempt;
  /** The endpoint as the request was built from it. */
  endpoint: Endpoint;
  /** From the receiver's Retry-After. */
  retryAfterMs?: number;
}

/**
 * `nothing_to_send`: notification, endpoint or secrets are gone. `endpoint_inactive`: paused or disabled since the claim.
 * `lease_expired`: another worker may have claimed the attempt.
 */
export type SendResult = Sent | 'nothing_to_send' | 'endpoint_inactive' | 'lease_expired';

interface AttemptRef {
  delivery: string;
  number: number;
  trigger: Trigger;
}

/** The signed request; `loggedHeaders` shows neither signatures nor the values of the customer's own headers. */
interface SignedRequest {
  headers: EndpointHeaders;
  loggedHeaders: EndpointHeaders;
  body: Uint8Array;
}

/** The endpoint and notification a request is built from. */
interface DeliverySource {
  endpoint: Endpoint;
  notification: Notification;
}

const redacted = '[redacted]';

const customHeaders = async (
  { secretBox }: WebhookPlatform,
  { project, id, headers }: Endpoint,
): Promise<EndpointHeaders> =>
  headers === undefined ? {} : JSON.parse(await secretBox.open(headers, { project, endpoint: id }));

/** Signs with the secrets that are valid now; undefined when the endpoint has none left. */
const signRequest = async (
  platform: WebhookPlatform,
  { endpoint, notification }: DeliverySource,
  block: SlotBlock | undefined,
): Promise<SignedRequest | undefined> => {
  const [secrets, custom] = await Promise.all([
    block?.secrets(endpoint) ?? decryptSecrets(platform, endpoint),
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
    headers: { ...custom, ...plain, 'webhook-signature': signature },
    loggedHeaders: {
      ...Object.fromEntries(Object.keys(custom).map((name) => [name, redacted])),
      ...plain,
      'webhook-signature': redacted,
    },
    body,
  };
};

const loadSource = async (
  { store }: WebhookPlatform,
  { project, notification: ntf, endpoint: id }: Delivery,
): Promise<DeliverySource | undefined> => {
  const keys = [endpointKey(project, id), notificationKey(project, ntf)];
  const [endpoint, notification] = await store.getMany<'ENDPOINT' | 'NOTIFICATION'>(keys);
  return endpoint && notification
    ? { endpoint: endpoint as Endpoint, notification: notification as Notification }
    : undefined;
};

const isUnchanged = (one: DeliverySource, other: DeliverySource): boolean =>
  one.endpoint.version === other.endpoint.version &&
  one.notification.body === other.notification.body;

type PreparedRequest =
  | { request: SignedRequest; endpoint: Endpoint }
  | 'nothing_to_send'
  | 'endpoint_inactive';

/**
 * Signs, then re-reads endpoint and notification and repeats until neither changed. Guarantee: after the API has answered a
 * pause, disable, delete or erasure, only requests that had passed this check are still sent.
 */
const prepareRequest = async (
  platform: WebhookPlatform,
  delivery: Delivery,
  first: DeliverySource,
  block: SlotBlock | undefined,
): Promise<PreparedRequest> => {
  let before = first;
  for (;;) {
    const request = await signRequest(platform, before, block);
    const now = await loadSource(platform, delivery);
    if (!now) return 'nothing_to_send';
    if (now.endpoint.status !== 'active' && !hasManualTrigger(delivery)) return 'endpoint_inactive';
    if (isUnchanged(before, now))
      return request ? { request, endpoint: now.endpoint } : 'nothing_to_send';
    before = now;
  }
};

const toAttemptResult = (
  result: PostResult,
): Omit<Attempt, keyof AttemptRef | 'startedAt' | 'url' | 'requestHeaders'> => {
  const { timings, remoteAddress } = result;
  const address = remoteAddress === undefined ? {} : { remoteAddress };
  if ('error' in result)
    return { ok: false, error: result.error, message: result.message, timings, ...address };
  const { status, headers, bodyExcerpt, truncated } = result;
  const error = errorOfStatus(status);
  return {
    ok: error === undefined,
    ...(error === undefined ? {} : { error }),
    status,
    responseHeaders: headers,
    responseBody: bodyExcerpt,
    truncated,
    timings,
    ...address,
  };
};

/** Posts as a span of the trace that led to the notification; the receiver can go on with the trace. */
const tracedPost = (
  platform: WebhookPlatform,
  { url, project }: Endpoint,
  trace: string | undefined,
  { headers, body }: SignedRequest,
  { delivery, number }: AttemptRef,
): Promise<{ result: PostResult; traceparent: { traceparent?: string } }> => {
  const attributes = {
    'http.request.method': 'POST',
    'server.address': URL.parse(url)?.hostname,
    'http.request.resend_count': number > 1 ? number - 1 : undefined,
    'turnstone.delivery.id': delivery,
  };
  return traced(
    platform,
    'POST webhook',
    { kind: 'client', attributes, parent: trace },
    async (span) => {
      const current = platform.tracing?.current();
      const traceparent = current === undefined ? {} : { traceparent: current };
      const result = await platform.webhookClient.post({
        project,
        url,
        headers: { ...headers, ...traceparent },
        body,
        timeoutMs: platform.policy.webhookTimeoutMs,
      });
      const error = 'error' in result ? result.error : errorOfStatus(result.status);
      if ('status' in result) span.set({ 'http.response.status_code': result.status });
      if (error !== undefined) span.fail(error);
      return { result, traceparent };
    },
  );
};

const postRequest = async (
  platform: WebhookPlatform,
  endpoint: Endpoint,
  request: SignedRequest,
  trace: string | undefined,
  ref: AttemptRef,
): Promise<Sent> => {
  const { url } = endpoint;
  const startedAt = platform.clock.now();
  const { result, traceparent } = await tracedPost(platform, endpoint, trace, request, ref);
  const retryAfterMs = 'status' in result ? result.retryAfterMs : undefined;
  const outcome = toAttemptResult(result);
  platform.telemetry.log('debug', 'delivery.attempted', {
    project: endpoint.project,
    endpoint: endpoint.id,
    ok: outcome.ok,
    error: outcome.error,
    ms: platform.clock.now() - startedAt,
  });
  return {
    attempt: {
      ...ref,
      startedAt,
      url,
      requestHeaders: { ...request.loggedHeaders, ...traceparent },
      ...outcome,
    },
    endpoint,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
};

/**
 * Sends one claimed attempt: one call of the webhook client, which ends within the timeout. Writes nothing; after a crash
 * the lease expires and the attempt is made again, under the same `webhook-id`.
 */
export const sendAttempt = async (
  platform: WebhookPlatform,
  { delivery, endpoint, trigger, ...claim }: AttemptLease,
): Promise<SendResult> => {
  const { project, id, attempts, leaseUntil = 0 } = delivery;
  const key = notificationKey(project, delivery.notification);
  const notification = claim.notification ?? (await platform.store.get(key));
  if (!notification) return 'nothing_to_send';
  const prepared = await prepareRequest(
    platform,
    delivery,
    { endpoint, notification },
    claim.block,
  );
  if (typeof prepared === 'string') return prepared;
  if (platform.clock.now() >= leaseUntil) return 'lease_expired';
  const ref = { delivery: id, number: attempts, trigger };
  return postRequest(platform, prepared.endpoint, prepared.request, notification.trace, ref);
};
