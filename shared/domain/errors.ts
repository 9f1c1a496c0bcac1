/** What an error says of itself wherever it is stored or shown: stable `code`, one sentence, whether trying again can help. */
export interface ErrorInfo {
  code: string;
  message: string;
  retryable: boolean;
}

/** The cause may pass: try again, not before `retryAfterMs` when the other side named a time. */
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

/** Trying again cannot help. */
export class TerminalError extends Error {
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'TerminalError';
    this.code = code;
  }
}

/** The fault of anything thrown. An error we did not foresee is a bug: it retries, and its text stays out of sight. */
export const toErrorInfo = (error: unknown): ErrorInfo => {
  if (error instanceof RetryableError)
    return { code: error.code, message: error.message, retryable: true };
  if (error instanceof TerminalError)
    return { code: error.code, message: error.message, retryable: false };
  return { code: 'internal', message: 'An unexpected error; it is in the log.', retryable: true };
};
