import { ConnectionError, type ErrorContext, errorOfAnswer, ValidationError } from './errors.ts';

/** Keys whose values belong to the caller. */
const verbatim = new Set(['metadata']);

const camelKey = (key: string): string =>
  key.replace(/_([a-z])/g, (_, initial: string) => initial.toUpperCase());

/** Converts the keys of an answer to camel case, at every depth, without `session_id`, which repeats `run_id`. */
const camelCase = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(camelCase);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'session_id')
      .map(([key, one]) => [camelKey(key), verbatim.has(key) ? one : camelCase(one)]),
  );
};

/** Request to the HTTP API, in this process or over a network. */
export interface ServiceRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  body?: string | undefined;
  headers?: { [name: string]: string };
  signal?: AbortSignal | undefined;
}

export interface Answer {
  status: number;
  /** Undefined if the body is not JSON. */
  body: unknown;
  retryAfterMs?: number | undefined;
  /** Whether an earlier try of the same request may have had its effect already. */
  repeated?: boolean;
}

/**
 * Sends a request. Resolves with any answer, also one that is not 2xx.
 * @throws ConnectionError without an answer; the reason of the signal once aborted
 */
export type Send = (request: ServiceRequest, context: ErrorContext) => Promise<Answer>;

/** A request whose body is a value. */
interface Call extends Omit<ServiceRequest, 'body'> {
  body?: unknown;
  /** Accepts an answer that is not 2xx. */
  accepts?(answer: Answer): boolean;
}

/** @throws ValidationError for a value that JSON cannot have */
export const jsonOf = (value: unknown, context: ErrorContext): string => {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new ValidationError(
      'invalid_request',
      'The messages, metadata or filters cannot be written as JSON.',
      context,
      { cause },
    );
  }
};

/** Returns a function that sends a call and resolves with the body of its answer, in camel case. */
export const requester =
  (send: Send) =>
  async <T>({ accepts, body, ...call }: Call, context: ErrorContext): Promise<T> => {
    call.signal?.throwIfAborted();
    const request = { ...call, ...(body === undefined ? {} : { body: jsonOf(body, context) }) };
    const answer = await send(request, context);
    const isAccepted = (answer.status >= 200 && answer.status < 300) || accepts?.(answer);
    if (!isAccepted) throw errorOfAnswer(context, answer);
    if (answer.body === undefined)
      throw new ConnectionError(
        'invalid_answer',
        'The answer is not JSON: the url may be that of another program.',
        context,
        { status: answer.status },
      );
    // The service answers as its OpenAPI document says, which tests check for every operation.
    return camelCase(answer.body) as T;
  };
export type Requester = ReturnType<typeof requester>;

/** Returns a signal that aborts with any of the given ones. */
export const anySignal = (...signals: (AbortSignal | undefined)[]): AbortSignal =>
  AbortSignal.any(signals.filter((signal) => signal !== undefined));
