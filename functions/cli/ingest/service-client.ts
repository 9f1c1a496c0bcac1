import { z } from 'zod';
import { RetryableError, TerminalError } from '../../../shared/domain/errors.ts';
import type { IngestTurn } from './conversation.ts';

const Added = z.object({ event_id: z.string() });
const Event = z.object({
  status: z.string(),
  error: z.object({ message: z.string() }).nullable(),
});
const Outcomes = z.object({ outcomes: z.array(z.string()) });
const Found = z.object({
  results: z.array(
    z.object({
      memory: z.string(),
      score: z.number(),
      type: z.string(),
      metadata: z.record(z.string(), z.unknown()),
    }),
  ),
});
const ErrorBody = z.object({ message: z.string() });

export type EventState = z.output<typeof Event>;
export type Hit = z.output<typeof Found>['results'][number];

/** Seconds that one request waits for an event. */
const wait = 25;

/** Statuses after which the same request may succeed later. */
const isTransient = (status: number): boolean => status === 429 || status >= 500;

/** The error of an answer that is none of success. */
export const errorOf = async (response: Response): Promise<Error> => {
  if (response.status === 401)
    return new TerminalError(
      'refused_key',
      'The service does not know this key: `npm run keys -- create` on its machine creates one.',
    );
  const body = ErrorBody.safeParse(await response.json().catch(() => undefined));
  const why = body.success ? body.data.message : 'without an explanation';
  const sentence = `The service answered ${response.status}: ${why}`;
  if (!isTransient(response.status))
    return new TerminalError(response.status === 403 ? 'refused_key' : 'refused', sentence);
  const seconds = Number(response.headers.get('retry-after') ?? 1);
  return new RetryableError('busy', sentence, 1_000 * (seconds || 1));
};

/**
 * Builds a client of the HTTP API. Calls throw RetryableError unreachable if there is no response, RetryableError busy for a
 * response after which the same request may succeed later, and TerminalError for any other error response.
 */
export const createServiceClient = (url: string, key: string) => {
  const call = async <S extends z.ZodType>(
    schema: S,
    path: string,
    init: { method?: string; headers?: { [name: string]: string }; body?: string } = {},
  ): Promise<z.output<S>> => {
    const headers = {
      authorization: `Token ${key}`,
      'content-type': 'application/json',
      ...init.headers,
    };
    try {
      const response = await fetch(new URL(path, url), { ...init, headers });
      if (!response.ok) throw await errorOf(response);
      return schema.parse(await response.json());
    } catch (error) {
      if (error instanceof TerminalError || error instanceof RetryableError) throw error;
      throw new RetryableError('unreachable', `No Turnstone answers at ${url}.`, undefined, error);
    }
  };
  const post = (body: unknown, headers = {}) => ({
    method: 'POST',
    body: JSON.stringify(body),
    headers,
  });

  return {
    /** Adds a turn and returns its event; the same event if the turn is sent again. */
    add: async ({ key: idempotency, body }: IngestTurn): Promise<string> =>
      (await call(Added, '/v1/turns', post(body, { 'idempotency-key': idempotency }))).event_id,
    /** Restores records of an archive. Returns the outcome of each. */
    restore: async (body: object): Promise<string[]> =>
      (await call(Outcomes, '/v1/import', post(body))).outcomes,
    /** Returns the event once it is final, or its current state after 25 s. */
    event: (id: string): Promise<EventState> => call(Event, `/v1/events/${id}?wait=${wait}`),
    search: async (query: string, user: string, limit: number): Promise<Hit[]> => {
      const body = { query, filters: { user_id: user }, top_k: limit };
      return (await call(Found, '/v3/memories/search', post(body))).results;
    },
  };
};

export type ServiceClient = ReturnType<typeof createServiceClient>;
