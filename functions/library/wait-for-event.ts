import { type ErrorContext, PendingError, ValidationError } from './errors.ts';
import { camelKey } from './library-names.ts';
import type { MemoryEvent } from './memory-interface.ts';
import { anySignal, type Requester } from './transport.ts';

const defaultTimeoutMs = 30_000;
/** Longest delay of a timer. */
const maxTimeoutMs = 2_147_483_647;
/** Longest wait of one request, seconds. The first one is short, since a service charges for the wait that is asked for. */
const maxWait = 25;
/** Time for the answer to the last request, before the wait ends without one. */
const lastAnswerMs = 2_000;

const isFinal = ({ status }: MemoryEvent): boolean => status !== 'PENDING' && status !== 'RUNNING';

const withNames = (event: MemoryEvent): MemoryEvent =>
  event.ignored ? { ...event, ignored: event.ignored.map(camelKey) } : event;

const pending = (context: ErrorContext, id: string, timeoutMs: number): PendingError =>
  new PendingError(
    'pending',
    `The event is not over after ${timeoutMs} ms. Its turn is stored and goes on: wait again with waitForEvent.`,
    { ...context, eventId: id },
  );

/** @throws ValidationError invalid_request */
export const timeoutOf = (timeoutMs: number | undefined, context: ErrorContext): number => {
  const ms = timeoutMs ?? defaultTimeoutMs;
  if (typeof ms === 'number' && ms >= 0 && ms <= maxTimeoutMs - lastAnswerMs) return ms;
  throw new ValidationError(
    'invalid_request',
    'timeoutMs must be a number of milliseconds, 0 to 2147481647.',
    context,
    { field: 'timeoutMs' },
  );
};

/**
 * Waits for an event, by requests that each wait for a while.
 * @throws PendingError after `timeoutMs`, however long requests take
 */
export const pollEvent = async (
  request: Requester,
  id: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  context: ErrorContext,
): Promise<MemoryEvent> => {
  const until = performance.now() + timeoutMs;
  const deadline = AbortSignal.timeout(timeoutMs + lastAnswerMs);
  const path = `/v1/events/${encodeURIComponent(id)}`;
  try {
    for (let seconds = 1; ; seconds = Math.min(2 * seconds, maxWait)) {
      const wait = Math.max(0, Math.min(seconds, (until - performance.now()) / 1_000));
      const event = await request<MemoryEvent>(
        {
          method: 'GET',
          path: `${path}?wait=${wait.toFixed(3)}`,
          signal: anySignal(signal, deadline),
        },
        context,
      );
      if (isFinal(event)) return withNames(event);
      if (performance.now() >= until) throw pending(context, id, timeoutMs);
    }
  } catch (error) {
    if (error !== deadline.reason) throw error;
    throw pending(context, id, timeoutMs);
  }
};
