import {
  AuthenticationError,
  ConnectionError,
  type ErrorContext,
  NotFoundError,
  RateLimitError,
  type TurnstoneError,
  ValidationError,
} from './errors.ts';
import { camelKey, refusalOf } from './library-names.ts';

type ErrorClass = new (
  ...parameters: ConstructorParameters<typeof TurnstoneError>
) => TurnstoneError;

const classOf = (status: number): ErrorClass => {
  if (status === 401 || status === 403) return AuthenticationError;
  if (status === 404) return NotFoundError;
  if (status === 429) return RateLimitError;
  return status === 408 || status >= 500 ? ConnectionError : ValidationError;
};

const textIn = (body: unknown, key: string): string | undefined => {
  const value: unknown = body instanceof Object ? Reflect.get(body, key) : undefined;
  return typeof value === 'string' ? value : undefined;
};

/** Builds the error of an answer that is not 2xx. A body that is not from Turnstone, such as a proxy's, has the code `http_<status>`. */
const errorOfAnswer = (
  context: ErrorContext,
  {
    status,
    body,
    retryAfterMs,
  }: { status: number; body: unknown; retryAfterMs?: number | undefined },
): TurnstoneError => {
  const code = textIn(body, 'code') ?? `http_${status}`;
  const { field, sentence } = refusalOf({
    field: textIn(body, 'field'),
    sentence: textIn(body, 'message') ?? `The service answered with the status ${status}.`,
  });
  const details = { status, field, retryAfterMs };
  return new (classOf(status))(code, sentence, context, details);
};

/** Keys whose values belong to the caller. */
const verbatim = new Set(['metadata']);

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
