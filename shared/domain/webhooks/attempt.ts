import type { Trigger } from './delivery.ts';
import type { EndpointHeaders } from './endpoint-headers.ts';
import type { StatusError, TransportError } from './response.ts';

/** Attempt of a delivery as its customer sees it; written once. Times in ms since 1970. */
export interface Attempt {
  delivery: string;
  number: number;
  trigger: Trigger;
  startedAt: number;
  url: string;
  /** Headers sent, with signatures and the values of the customer's own headers redacted. */
  requestHeaders: EndpointHeaders;
  ok: boolean;
  error?: StatusError | TransportError;
  /** Set on a failure without a response. */
  message?: string;
  status?: number;
  responseHeaders?: EndpointHeaders;
  /** Beginning of the response's body, at most 16 kB. */
  responseBody?: string;
  truncated?: boolean;
  /** Milliseconds. */
  timings: { [part in 'dns' | 'connect' | 'tls' | 'firstByte' | 'total']?: number };
  remoteAddress?: string;
}

/** Removes the response, in which the receiver may echo the notification's text. */
export const withoutResponse = ({
  responseBody: _,
  responseHeaders: __,
  ...attempt
}: Attempt): Attempt => attempt;
