import type { TransportError } from '../../shared/domain/webhooks/response.ts';
import { retryAfterMs } from '../../shared/domain/webhooks/response.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Post, PostResult, WebhookClient } from '../../shared/ports/webhook-client.ts';

/** Response of a receiver, or the error of a POST without one. */
type Answer = number | { status: number; retryAfter?: string; body?: string } | TransportError;

/** Reaction of a receiver: an answer, a promise of one, or a function of the request. */
export type Reply = Answer | Promise<Answer> | ((post: Post) => Answer | Promise<Answer>);

export interface SeenPost extends Post {
  at: number;
  id: string;
  // biome-ignore lint/suspicious/noExplicitAny: what was sent is examined, not trusted
  payload: any;
}

const outcomeOf = async (reply: Reply, post: Post, now: number): Promise<PostResult> => {
  const said = await (typeof reply === 'function' ? reply(post) : reply);
  if (typeof said === 'string') return { error: said, message: 'No answer came.', timings: {} };
  const answer = typeof said === 'number' ? { status: said } : said;
  const { status, retryAfter, body = '' } = { retryAfter: undefined, ...answer };
  const wait = retryAfterMs(status, retryAfter, now);
  return {
    status,
    headers: {},
    bodyExcerpt: body,
    truncated: false,
    timings: { total: 1 },
    remoteAddress: '203.0.113.7',
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  };
};

/** All customers' servers, without sockets: answers as scripted, and records every POST. */
export const createScriptedReceiver = (clock: Clock) => {
  const posts: SeenPost[] = [];
  const script: Reply[] = [];
  let usual: Reply = 200;
  const webhookClient: WebhookClient = {
    check: async (url) =>
      url.startsWith('https://')
        ? { ok: true }
        : { ok: false, code: 'url_not_https', message: 'The URL must start with https://.' },
    async post(post) {
      const payload = JSON.parse(Buffer.from(post.body).toString());
      posts.push({ ...post, at: clock.now(), id: post.headers['webhook-id'] ?? '', payload });
      return outcomeOf(script.shift() ?? usual, post, clock.now());
    },
    close: async () => {},
  };
  return {
    webhookClient,
    posts,
    /** Answers the next requests like this, one each; later ones as usual. */
    next: (...replies: Reply[]) => void script.push(...replies),
    usually(reply: Reply) {
      usual = reply;
    },
    typesOf: (): string[] => posts.map(({ payload }) => payload.type),
    at: (url: string): SeenPost[] => posts.filter((post) => post.url === url),
  };
};
