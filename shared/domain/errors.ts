/** An error as data, as it is stored and shown: a stable `code`, one sentence, and whether a retry can help. */
export interface ErrorInfo {
  code: string;
  message: string;
  retryable: boolean;
}

/** Failure that may pass: a retry can help, not before `retryAfterMs` when the service asked for a time. */
export class RetryableError extends Error {
  readonly code: string;
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, retryAfterMs?: number, cause?: unknown) {
    super(message, { cause });
    this.name = 'RetryableError';
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Refusal because of a limit of the caller, which a later time lifts. The service itself works. */
export class LimitReachedError extends RetryableError {}

/** Failure that a retry cannot change. */
export class TerminalError extends Error {
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'TerminalError';
    this.code = code;
  }
}

/**
 * Converts anything thrown to data. An unforeseen error is a bug: retryable, and without its text, which may quote a
 * memory.
 */
export const toErrorInfo = (error: unknown): ErrorInfo => {
  if (error instanceof RetryableError)
    return { code: error.code, message: error.message, retryable: true };
  if (error instanceof TerminalError)
    return { code: error.code, message: error.message, retryable: false };
  return { code: 'internal', message: 'An unexpected error; it is in the log.', retryable: true };
};
