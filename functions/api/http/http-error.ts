import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { LimitReachedError, RetryableError } from '../../../shared/domain/errors.ts';
import { RefusedValueError } from '../../../shared/domain/sensitive/sensitive.ts';
import type { Telemetry } from '../../../shared/ports/telemetry.ts';
import { errorFields } from '../../error-fields.ts';
import type { ApiEnv } from './api-env.ts';

/** Further parts of an error response. */
interface Details {
  /** Part of the request that was rejected, such as `messages[0].role`. */
  field?: string;
  headers?: { readonly [name: string]: string };
  body?: { readonly [key: string]: unknown };
}

/** Error response with a stable `code` and one sentence. */
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

/** Builds a 400 error. `sentence` must name the field. */
export const invalid = (field: string, sentence: string): HttpError =>
  new HttpError(400, 'invalid_request', sentence, field === '' ? {} : { field });

/**
 * Builds the response, in the form of the surface that was called. The sentence is repeated in `detail`, `error` and `message`, since clients read different
 * ones.
 */
export const errorResponse = (c: Context<ApiEnv>, error: HttpError): Response => {
  const { status, code, message, details } = error;
  const own = c.get('errorBody');
  if (own) return c.json(own(error), status, details.headers);
  const field = details.field === undefined ? {} : { field: details.field };
  return c.json(
    { code, detail: message, error: message, message, ...field, ...details.body },
    status,
    details.headers,
  );
};

const retryLater = (
  status: 429 | 503,
  { code, message, retryAfterMs }: RetryableError,
): HttpError =>
  new HttpError(status, code, message, {
    headers: { 'Retry-After': String(Math.max(1, Math.ceil((retryAfterMs ?? 1_000) / 1_000))) },
  });

const refusedValue = ({ kind, field, message }: RefusedValueError): HttpError =>
  new HttpError(400, 'sensitive_value', message, { field, body: { kind } });

const internal = (): HttpError =>
  new HttpError(500, 'internal', 'An unexpected error occurred; see the log for this request id.');

/** Converts any thrown error to a response. Errors other than HttpError are logged. */
export const errorHandler =
  (telemetry: Telemetry) =>
  (thrown: Error, c: Context<ApiEnv>): Response => {
    if (thrown instanceof HttpError) return errorResponse(c, thrown);
    if (thrown instanceof RefusedValueError) return errorResponse(c, refusedValue(thrown));
    if (thrown instanceof LimitReachedError) return errorResponse(c, retryLater(429, thrown));
    const requestId = c.get('requestId');
    if (thrown instanceof RetryableError) {
      telemetry.log('warn', 'request.unavailable', { requestId, ...errorFields(thrown) });
      return errorResponse(c, retryLater(503, thrown));
    }
    telemetry.log('error', 'request.failed', { requestId, ...errorFields(thrown) });
    return errorResponse(c, internal());
  };
