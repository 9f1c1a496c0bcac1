import type { EndpointHeaders } from '../domain/webhooks/endpoint-headers.ts';
import type { UrlError } from '../domain/webhooks/endpoint-url.ts';
import type { TransportError } from '../domain/webhooks/response.ts';

export interface Post {
  /** Project that the request is sent for. */
  project?: string;
  url: string;
  /** Sent exactly as given, beside `host`, `connection` and `content-length`. */
  headers: EndpointHeaders;
  body: Uint8Array;
  /** Shorter than the default timeout; a longer one is ignored. */
  timeoutMs?: number;
}

/** Milliseconds of each phase; absent for a phase that did not take place, such as DNS on a reused connection. */
export type AttemptTimings = {
  [part in 'dns' | 'connect' | 'tls' | 'firstByte' | 'total']?: number;
};

/** Response of a receiver, with any status. */
export interface HttpResponse {
  status: number;
  /** Names in lower case; truncated to a few kB in all. */
  headers: EndpointHeaders;
  /** Beginning of the body as UTF-8, at most 16 kB. */
  bodyExcerpt: string;
  /** The body was longer, or ended early. */
  truncated: boolean;
  timings: AttemptTimings;
  remoteAddress: string;
  /** From the Retry-After of a 429 or 503. */
  retryAfterMs?: number;
}

/** POST without a response. A blocked address has neither timings nor address, so that it reveals nothing of its cause. */
export interface PostFailure {
  error: TransportError;
  /** Sentence for the owner of the endpoint. */
  message: string;
  timings: AttemptTimings;
  remoteAddress?: string;
}

export type PostResult = HttpResponse | PostFailure;

/** HTTP client for URLs that customers chose; every request to them goes through it (SSRF protection). */
export interface WebhookClient {
  /**
   * Validates a URL and resolves its host; every post does so again, since addresses change. A name that cannot be resolved
   * is refused with the same error as a private address.
   */
  check(url: string): Promise<{ ok: true } | UrlError>;
  /**
   * Sends a request once and resolves within the timeout, whatever the receiver does; never rejects. Redirects are not
   * followed. When the receiver closes a kept-alive connection, the request may be sent once more on a new one.
   */
  post(request: Post): Promise<PostResult>;
  close(): Promise<void>;
}

/** Request that the inspector received; the body is that of the notification. */
export interface InspectedRequest {
  /** ms since 1970. */
  at: number;
  url: string;
  /** Id of the notification. */
  notification: string;
  /** Without the values of headers that the customer chose. */
  headers: EndpointHeaders;
  /** Status of the answer. */
  status: number;
}

/** Receiver of webhooks in the process of the service, for trying them out. Keeps the newest requests in memory, and no texts. */
export interface WebhookInspector {
  /** Newest first. */
  list(project: string): InspectedRequest[];
  clear(project: string): void;
}
