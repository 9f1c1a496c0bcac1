import { blockedAddress } from '../../domain/webhooks/endpoint-url.ts';
import type { TransportError } from '../../domain/webhooks/response.ts';

/** An attempt ended without a response. */
export class TransportFailure extends Error {
  readonly kind: TransportError;

  constructor(kind: TransportError, message: string) {
    super(message);
    this.name = 'TransportFailure';
    this.kind = kind;
  }
}

/**
 * Builds the failure of a blocked attempt. The message is constant, so that a customer learns nothing of the network.
 */
export const blockedTarget = (): TransportFailure =>
  new TransportFailure('blocked_address', blockedAddress.message);

/**
 * Formats the code of a system, TLS or HTTP error. The error's message is left out, since messages may quote any text.
 */
const formatCode = (error: unknown): string => {
  const code = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? ` (${code})` : '';
};

export const dnsFailure = (error: unknown): TransportFailure =>
  new TransportFailure('dns', `The host name cannot be resolved${formatCode(error)}.`);

export const connectFailure = (error: unknown): TransportFailure =>
  formatCode(error) === ' (ETIMEDOUT)'
    ? new TransportFailure('connect_timeout', 'The connection was not accepted in time.')
    : new TransportFailure(
        'connect_refused',
        `The connection was not accepted${formatCode(error)}.`,
      );

export const tlsFailure = (error: unknown): TransportFailure =>
  new TransportFailure('tls', `No secure connection could be made${formatCode(error)}.`);

export const resetFailure = (error: unknown): TransportFailure =>
  new TransportFailure(
    'reset',
    `The receiver closed the connection without an HTTP response${formatCode(error)}.`,
  );
