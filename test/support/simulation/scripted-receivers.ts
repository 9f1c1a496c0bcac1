import type { TransportError } from '../../../shared/domain/webhooks/response.ts';
import type { Post, PostResult, WebhookClient } from '../../../shared/ports/outbound.ts';
import { checkPost } from './post-checks.ts';
import type { Actor } from './scheduler.ts';
import type { SimulatedService } from './simulated-service.ts';

const longestMs = 900;

const unanswered = (error: TransportError): PostResult => ({
  error,
  message: 'No answer came.',
  timings: {},
});

const answered = (status: number, excerpt: string, retryAfterMs?: number): PostResult => ({
  status,
  headers: {},
  bodyExcerpt: excerpt,
  truncated: false,
  timings: {},
  remoteAddress: '203.0.113.7',
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

/** What a receiver makes of a request that reached it. */
const answerTo = ({ faults, random }: SimulatedService, body: string): PostResult => {
  if (faults.happens('receiverFails')) return answered(500, '');
  if (faults.happens('receiverBusy')) return answered(429, '', random.below(20_000));
  if (faults.happens('receiverGone')) return answered(410, '');
  if (faults.happens('receiverHangs')) return unanswered('timeout');
  return answered(200, random.chance(0.3) ? body : '');
};

const isOk = (outcome: PostResult): boolean =>
  'status' in outcome && outcome.status >= 200 && outcome.status < 300;

/** Every customer’s server, as one process reaches it: a request takes effect when it is picked, and its answer takes a while. */
export const createScriptedReceivers = (service: SimulatedService, actor: Actor): WebhookClient => {
  const { scheduler, faults, random, webhooks } = service;

  const receive = ({ url, headers, body }: Post) => {
    if (faults.happens('receiverDown')) return { outcome: unanswered('connect_refused') };
    const text = Buffer.from(body).toString();
    const notification = headers['webhook-id'] ?? '';
    const endpoint = [...webhooks.endpoints.values()].find((one) => one.endpoint.url === url);
    const outcome = answerTo(service, text);
    if (!endpoint) throw new TypeError(`a request was sent to ${url}, which nobody registered`);
    const claim = checkPost(service.seen, { endpoint, notification, body: text });
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
      if (isHanging) await scheduler.sleep(actor, request.timeoutMs ?? longestMs);
      else if (random.chance(0.4)) await scheduler.sleep(actor, random.below(longestMs));
      if (post) post.isAnswered = true;
      return outcome;
    },
    close: async () => {},
  };
};
