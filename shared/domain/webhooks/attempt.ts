import type { Trigger } from './delivery.ts';
import type { EndpointHeaders } from './endpoint-headers.ts';
import type { StatusError, TransportError } from './response.ts';

/** One try, as its customer sees it; written once. Times in ms since 1970. */
export interface Attempt {
  delivery: string;
  number: number;
  trigger: Trigger;
  startedAt: number;
  url: string;
  /** What was sent, without signatures and without the values of the customer's own headers. */
  requestHeaders: EndpointHeaders;
  ok: boolean;
  error?: StatusError | TransportError;
  /** Of a failure without an answer. */
  message?: string;
  status?: number;
  responseHeaders?: EndpointHeaders;
  /** The beginning of the answer, at most 16 kB. */
  responseBody?: string;
  truncated?: boolean;
  /** Milliseconds. */
  timings: { [part in 'dns' | 'connect' | 'tls' | 'firstByte' | 'total']?: number };
  remoteAddress?: string;
}

/** Without what the receiver said, who may have repeated what it was told. */
export const withoutResponse = ({
  responseBody: _,
  responseHeaders: __,
  ...attempt
}: Attempt): Attempt => attempt;
