import { blockedAddress } from '../../domain/webhooks/endpoint-url.ts';
import type { TransportError } from '../../domain/webhooks/response.ts';

/** Ends an attempt without an answer. */
export class AttemptFailure extends Error {
  readonly kind: TransportError;

  constructor(kind: TransportError, message: string) {
    super(message);
    this.name = 'AttemptFailure';
    this.kind = kind;
  }
}

/** What is told of a blocked attempt, always the same. */
export const blocked = (): AttemptFailure =>
  new AttemptFailure('blocked_address', blockedAddress.message);

/** The code of a system, TLS or HTTP error, for its sentence; never its text, which may quote anything. */
const codeOf = (error: unknown): string => {
  const code = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? ` (${code})` : '';
};

export const dnsFailure = (error: unknown): AttemptFailure =>
  new AttemptFailure('dns', `The host name cannot be resolved${codeOf(error)}.`);

export const connectFailure = (error: unknown): AttemptFailure =>
  codeOf(error) === ' (ETIMEDOUT)'
    ? new AttemptFailure('connect_timeout', 'The connection was not accepted in time.')
    : new AttemptFailure('connect_refused', `The connection was not accepted${codeOf(error)}.`);

export const tlsFailure = (error: unknown): AttemptFailure =>
  new AttemptFailure('tls', `No secure connection could be made${codeOf(error)}.`);

export const resetFailure = (error: unknown): AttemptFailure =>
  new AttemptFailure('reset', `The receiver broke off without an HTTP answer${codeOf(error)}.`);
