import type { EndpointHeaders } from '../domain/webhooks/endpoint-headers.ts';
import type { UrlError } from '../domain/webhooks/endpoint-url.ts';
import type { TransportError } from '../domain/webhooks/response.ts';

export interface Post {
  url: string;
  /** Exactly what is sent beside `host`, `connection` and `content-length`. */
  headers: EndpointHeaders;
  body: Uint8Array;
  /** Less than the default, never more. */
  timeoutMs?: number;
}

/** Milliseconds; a part that did not take place is absent, as all are of a connection used again. */
export type AttemptTimings = {
  [part in 'dns' | 'connect' | 'tls' | 'firstByte' | 'total']?: number;
};

/** The receiver answered, with whatever status. */
export interface HttpResponse {
  status: number;
  /** Names in lower case; cut to a few kB in all. */
  headers: EndpointHeaders;
  /** The beginning of the body as UTF-8, at most 16 kB. */
  bodyExcerpt: string;
  /** There was more of the body, or it broke off. */
  truncated: boolean;
  timings: AttemptTimings;
  remoteAddress: string;
  /** How long a 429 or 503 asks to wait. */
  retryAfterMs?: number;
}

/** There was no answer. A blocked address tells neither times nor address: it looks the same whatever the cause. */
export interface PostFailure {
  error: TransportError;
  /** One sentence for the owner of the endpoint. */
  message: string;
  timings: AttemptTimings;
  remoteAddress?: string;
}

export type PostResult = HttpResponse | PostFailure;

/** The only way out to URLs that customers chose. */
export interface WebhookClient {
  /**
   * Whether webhooks may be sent there, as far as can be told now: every post judges anew. A name that cannot be resolved
   * is refused as one with a private address is.
   */
  check(url: string): Promise<{ ok: true } | UrlError>;
  /**
   * One try, over within its timeout whatever the receiver does; never rejects. Redirects are answers. A receiver that
   * closes a connection it had kept open may see the same request once more, on a new one.
   */
  post(request: Post): Promise<PostResult>;
  close(): Promise<void>;
}
