import { retryAfterMs } from '../../domain/webhooks/response.ts';
import type { HttpResponse, Post } from '../../ports/webhook-client.ts';
import { limitHeaders, readBoundedBody } from './bounded-response.ts';
import type { Connection } from './connection.ts';
import { resetFailure, TransportFailure } from './failure.ts';
import type { Trace } from './trace.ts';

/** Most interim (1xx) responses before the attempt fails. */
const maxInterimResponses = 100;
const tooManyInterimResponses = (): TransportFailure =>
  new TransportFailure(
    'reset',
    'The receiver sent too many interim (1xx) responses and no final one.',
  );

/** Longest wait for the body. The status decides the result; the body is only stored with the attempt. */
const bodyTimeoutMs = 2_000;

/** A reused connection was closed before the first byte of the response: the request may be sent once more. */
export class StaleConnection extends Error {}

export interface Exchanged {
  response: Omit<HttpResponse, 'timings'>;
  /** Another request may follow on the connection. */
  reusable: boolean;
}

const sendRequest = async (
  connection: Connection,
  { url, headers, body }: Post,
  limit: AbortController,
) => {
  const { client, socket, responses } = connection;
  const { pathname, search } = new URL(url);
  const bytesBefore = socket.bytesRead;
  let interimResponses = 0;
  try {
    return await client.request({
      method: 'POST',
      path: pathname + search,
      headers,
      body,
      onInfo: () => {
        interimResponses += 1;
        if (interimResponses > maxInterimResponses) limit.abort(tooManyInterimResponses());
      },
    });
  } catch (error) {
    limit.signal.throwIfAborted();
    if (responses > 0 && socket.bytesRead === bytesBefore) throw new StaleConnection();
    throw resetFailure(error);
  }
};

/**
 * Sends a request and reads the response, whose body is read only as far as stored. To end an exchange early, the
 * caller aborts `limit` and destroys the connection.
 *
 * @throws TransportFailure reset, StaleConnection, or the reason of `limit`
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
  const bodyTimer = setTimeout(() => response.body.destroy(), bodyTimeoutMs);
  const excerpt = await readBoundedBody(response.body);
  clearTimeout(bodyTimer);
  const headers = limitHeaders(response.headers);
  const retryAfter = [response.headers['retry-after'] ?? []].flat().join(', ') || undefined;
  const wait = retryAfterMs(response.statusCode, retryAfter, now());
  return {
    response: {
      status: response.statusCode,
      headers,
      ...excerpt,
      remoteAddress,
      ...(wait === undefined ? {} : { retryAfterMs: wait }),
    },
    reusable: !excerpt.truncated,
  };
};
