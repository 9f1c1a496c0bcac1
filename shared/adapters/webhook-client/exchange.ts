import { retryAfterMs } from '../../domain/webhooks/response.ts';
import type { HttpResponse, Post } from '../../ports/outbound.ts';
import type { Connection } from './connection.ts';
import { boundHeaders, readBoundedBody } from './bounded-response.ts';
import { AttemptFailure, resetFailure } from './failure.ts';
import type { Trace } from './trace.ts';

/** A receiver that announces an answer without end is not waited for. */
const maxInterim = 100;
const isUnbounded = (): AttemptFailure =>
  new AttemptFailure('reset', 'The receiver announced an answer over and over, and sent none.');

/** Once the status is known the body only matters to the log. */
const bodyWaitMs = 2_000;

/** The connection had been used before and was closed before it brought a byte of this answer. */
export class StaleConnection extends Error {}

export interface Exchanged {
  answer: Omit<HttpResponse, 'timings'>;
  /** Whether another request may follow. */
  reusable: boolean;
}

const sendRequest = async (
  connection: Connection,
  { url, headers, body }: Post,
  limit: AbortController,
) => {
  const { client, socket, answers } = connection;
  const { pathname, search } = new URL(url);
  const before = socket.bytesRead;
  let interim = 0;
  try {
    return await client.request({
      method: 'POST',
      path: pathname + search,
      headers,
      body,
      onInfo: () => {
        interim += 1;
        if (interim > maxInterim) limit.abort(isUnbounded());
      },
    });
  } catch (error) {
    limit.signal.throwIfAborted();
    if (answers > 0 && socket.bytesRead === before) throw new StaleConnection();
    throw resetFailure(error);
  }
};

/**
 * One request and its answer, of which no more than an excerpt is ever held or read. It ends with its connection: whoever
 * aborts `limit` discards that.
 * @throws AttemptFailure reset, StaleConnection, or the reason of `limit`
 */
export const exchange = async (
  connection: Connection,
  post: Post,
  now: () => number,
  trace: Trace,
  limit: AbortController,
): Promise<Exchanged> => {
  const started = performance.now();
  const remoteAddress = connection.address;
  trace.remoteAddress = remoteAddress;
  const response = await sendRequest(connection, post, limit);
  trace.timings.firstByte = performance.now() - started;
  const isComplete = setTimeout(() => response.body.destroy(), bodyWaitMs);
  const excerpt = await readBoundedBody(response.body);
  clearTimeout(isComplete);
  const headers = boundHeaders(response.headers);
  const asked = [response.headers['retry-after'] ?? []].flat().join(', ') || undefined;
  const wait = retryAfterMs(response.statusCode, asked, now());
  return {
    answer: {
      status: response.statusCode,
      headers,
      ...excerpt,
      remoteAddress,
      ...(wait === undefined ? {} : { retryAfterMs: wait }),
    },
    reusable: !excerpt.truncated,
  };
};
