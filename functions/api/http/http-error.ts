import type { ContentfulStatusCode } from 'hono/utils/http-status';

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
