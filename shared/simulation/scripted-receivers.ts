import type { TransportError } from '../domain/webhooks/response.ts';
import type { SecretBox } from '../ports/secret-box.ts';
import type { Post, PostResult, WebhookClient } from '../ports/webhook-client.ts';
import { checkPost } from './post-checks.ts';
import type { Actor } from './scheduler.ts';
import type { SimulatedService } from './simulated-service.ts';

/** Secret box that stores secrets in the clear. */
export const plainSecretBox: SecretBox = {
  seal: async (secret) => secret,
  open: async (sealed) => sealed,
};

const maxLatencyMs = 900;

const failedPost = (error: TransportError): PostResult => ({
  error,
  message: 'No answer came.',
  timings: {},
});

const response = (status: number, excerpt: string, retryAfterMs?: number): PostResult => ({
  status,
  headers: {},
  bodyExcerpt: excerpt,
  truncated: false,
  timings: {},
  remoteAddress: '203.0.113.7',
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

/** Response of a receiver to a request that reached it. */
const respond = ({ faults, random }: SimulatedService, body: string): PostResult => {
  if (faults.happens('receiverError')) return response(500, '');
  if (faults.happens('receiverThrottles')) return response(429, '', random.below(20_000));
  if (faults.happens('receiverGone')) return response(410, '');
  if (faults.happens('receiverTimeout')) return failedPost('timeout');
  return response(200, random.chance(0.3) ? body : '');
};

const isOk = (outcome: PostResult): boolean =>
  'status' in outcome && outcome.status >= 200 && outcome.status < 300;

/** Webhook client of one process. A request reaches its receiver when the scheduler runs it; the response may be slow. */
export const createScriptedReceivers = (service: SimulatedService, actor: Actor): WebhookClient => {
  const { scheduler, faults, random, webhooks } = service;

  const receive = ({ url, headers, body }: Post) => {
    if (faults.happens('receiverUnreachable')) return { outcome: failedPost('connect_refused') };
    const text = Buffer.from(body).toString();
    const notification = headers['webhook-id'] ?? '';
    const endpoint = [...webhooks.endpoints.values()].find((one) => one.endpoint.url === url);
    const outcome = respond(service, text);
    if (!endpoint) throw new TypeError(`a request was sent to ${url}, which no endpoint has`);
    const claim = checkPost(service.checkContext, { endpoint, notification, body: text });
    if (claim?.post) claim.post.ok = isOk(outcome);
    return { outcome, post: claim?.post };
  };

  return {
    check: async () => ({ ok: true }),
    async post(request) {
      const { outcome, post } = await scheduler.call(
        actor,
        () => `posts ${request.headers['webhook-id']} to ${request.url}`,
        () => receive(request),
      );
      const isHanging = 'error' in outcome && outcome.error === 'timeout';
      if (isHanging) await scheduler.sleep(actor, request.timeoutMs ?? maxLatencyMs);
      else if (random.chance(0.4)) await scheduler.sleep(actor, random.below(maxLatencyMs));
      if (post) post.isAnswered = true;
      return outcome;
    },
    close: async () => {},
  };
};
