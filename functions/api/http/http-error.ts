import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { RetryableError } from '../../../shared/domain/errors.ts';
import type { Telemetry } from '../../../shared/ports/telemetry.ts';
import { errorFields } from '../../error-fields.ts';
import type { ApiEnv } from './api-env.ts';

/** Further keys of an error's body. */
interface Details {
  /** The part of the request that was refused, such as `messages[0].role`. */
  field?: string;
  headers?: { readonly [name: string]: string };
  body?: { readonly [key: string]: unknown };
}

/** An answer other than success: a stable `code` and one sentence. */
export class HttpError extends Error {
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly details: Details;

  constructor(status: ContentfulStatusCode, code: string, message: string, details: Details = {}) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** 400: `sentence` names the field itself. */
export const invalid = (field: string, sentence: string): HttpError =>
  new HttpError(400, 'invalid_request', sentence, field === '' ? {} : { field });

/** The sentence stands under every name that a known client reads. */
export const answerError = (c: Context<ApiEnv>, error: HttpError): Response => {
  const { status, code, message, details } = error;
  const field = details.field === undefined ? {} : { field: details.field };
  return c.json(
    { code, detail: message, error: message, message, ...field, ...details.body },
    status,
    details.headers,
  );
};

const unavailable = ({ code, message, retryAfterMs }: RetryableError): HttpError =>
  new HttpError(503, code, message, {
    headers: { 'Retry-After': String(Math.max(1, Math.ceil((retryAfterMs ?? 1_000) / 1_000))) },
  });

const internal = (): HttpError =>
  new HttpError(500, 'internal', 'An unexpected error; it is in the log under this request id.');

/** Turns whatever a handler threw into its answer; what nobody foresaw is logged. */
export const errorHandler =
  (telemetry: Telemetry) =>
  (thrown: Error, c: Context<ApiEnv>): Response => {
    if (thrown instanceof HttpError) return answerError(c, thrown);
    const requestId = c.get('requestId');
    if (thrown instanceof RetryableError) {
      telemetry.log('warn', 'request.unavailable', { requestId, ...errorFields(thrown) });
      return answerError(c, unavailable(thrown));
    }
    telemetry.log('error', 'request.failed', { requestId, ...errorFields(thrown) });
    return answerError(c, internal());
  };
