import type { Scope } from './call-interface.ts';

/** The operation of an error, and the ids that it was called with. */
export interface ErrorContext extends Scope {
  /** Method that was called, such as `search`. */
  operation: string;
  memoryId?: string | undefined;
  eventId?: string | undefined;
}

interface ErrorDetails {
  /** Status of the HTTP answer. */
  status?: number | undefined;
  /** Part of the request that was refused, such as `messages[0].role`. */
  field?: string | undefined;
  retryAfterMs?: number | undefined;
  cause?: unknown;
}

/** Base of all errors. `code` is stable; `message` is one sentence. Neither has the text of a memory. */
export class TurnstoneError extends Error {
  readonly code: string;
  readonly operation: string;
  /** Ids that the call named. */
  readonly scope: Scope;
  readonly memoryId: string | undefined;
  readonly eventId: string | undefined;
  readonly status: number | undefined;
  readonly field: string | undefined;

  constructor(code: string, message: string, context: ErrorContext, details: ErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    const { operation, memoryId, eventId, ...scope } = context;
    this.name = new.target.name;
    this.code = code;
    this.operation = operation;
    this.scope = scope;
    this.memoryId = memoryId;
    this.eventId = eventId;
    this.status = details.status;
    this.field = details.field;
  }
}

/** The call is refused as it is: `empty_query`, `missing_scope`, `unknown_option`, `invalid_request` and other codes of 4xx answers. */
export class ValidationError extends TurnstoneError {}

/** There is nothing under that id: `memory_not_found`, `event_not_found`. */
export class NotFoundError extends TurnstoneError {}

/** The API key is missing, wrong or lacks a permission: `unauthorized`, `forbidden`. */
export class AuthenticationError extends TurnstoneError {}

/** The options are wrong, or the data folder cannot be used: `bad_setting`, `data_in_use`, `data_unwritable`. */
export class ConfigurationError extends TurnstoneError {}

/** The service cannot be reached, or is not able to answer: `connection`, `timeout`, `closed`, `invalid_answer`, codes of 5xx answers. */
export class ConnectionError extends TurnstoneError {}

/** There were too many requests: `rate_limited`. */
export class RateLimitError extends TurnstoneError {
  /** Time to wait before a repeat, milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, context: ErrorContext, details: ErrorDetails = {}) {
    super(code, message, context, details);
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** The wait ended before the event did: `pending`. The turn is stored, and its refinement goes on. */
export class PendingError extends TurnstoneError {
  declare readonly eventId: string;
}

/** A wait for processing ended before the work did: `timeout`. The work goes on. */
export class TimeoutError extends TurnstoneError {}

/** The turn was stored but not refined. `code` says why; the turn stays searchable as it was said, unless it was cancelled. */
export class RefinementError extends TurnstoneError {
  declare readonly eventId: string;
}
