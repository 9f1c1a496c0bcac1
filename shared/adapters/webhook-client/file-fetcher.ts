import type { Dispatcher } from 'undici';
import { plainText } from '../../domain/plain-text.ts';
import type { EndpointPolicy, Target } from '../../domain/webhooks/endpoint-url.ts';
import type { FetchedFile, FetchFailure, FileFetcher } from '../../ports/file-fetcher.ts';
import { dial } from './dial.ts';
import { resetFailure, TransportFailure } from './failure.ts';
import { createResolveName } from './resolve-name.ts';
import { createSsrfGuard, type SsrfGuard } from './ssrf-guard.ts';

export interface FileFetcherOptions extends EndpointPolicy {
  /** Largest file, in bytes. */
  maxBytes?: number;
  /** Timeout of all requests for one link together. */
  timeoutMs?: number;
  /** Name servers, as `ip` or `ip:port`, instead of the system's. */
  dnsServers?: readonly string[];
  /** Trusted root certificates as PEM, instead of the built-in ones. */
  ca?: string;
}

const maxRedirects = 3;
const connectTimeoutMs = 5_000;
/** Longest media type that is kept, in characters. */
const maxMediaType = 200;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Ends a fetch with a reason for the customer. */
class FetchError extends Error {
  readonly retryable: boolean;

  constructor(reason: string, retryable = false) {
    super(reason);
    this.name = 'FetchError';
    this.retryable = retryable;
  }
}

const blocked = (): FetchError =>
  new FetchError('The link does not lead to a public address on the ports 80, 443 or 8443.');

const tooLarge = (maxBytes: number): FetchError =>
  new FetchError(`The file is larger than ${Math.floor(maxBytes / 1_000_000)} MB.`);

const read = async (
  body: AsyncIterable<Buffer>,
  maxBytes: number,
  limit: AbortSignal,
): Promise<Uint8Array> => {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body) {
      length += chunk.byteLength;
      if (length > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    limit.throwIfAborted();
    throw error instanceof FetchError ? error : resetFailure(error);
  }
  return Buffer.concat(chunks);
};

const headerOf = (value: string | string[] | undefined): string => [value ?? []].flat()[0] ?? '';

/** Reads an answer: the file, or the address that a redirect names. @throws FetchError for any other answer */
const fileOf = async (
  { statusCode, headers, body }: Dispatcher.ResponseData,
  maxBytes: number,
  limit: AbortSignal,
): Promise<FetchedFile | string> => {
  const location = headerOf(headers['location']);
  if (redirects.has(statusCode) && location !== '') return location;
  if (statusCode !== 200)
    throw new FetchError(
      `The link was answered with the status ${statusCode}.`,
      statusCode === 429 || statusCode >= 500,
    );
  if (Number(headerOf(headers['content-length'])) > maxBytes) throw tooLarge(maxBytes);
  if (!['', 'identity'].includes(headerOf(headers['content-encoding'])))
    throw new FetchError('The file was sent compressed, which was not asked for.');
  const [type = ''] = headerOf(headers['content-type']).toLowerCase().split(';');
  const mediaType = plainText(type, maxMediaType).trim();
  const bytes = await read(body, maxBytes, limit);
  return { ok: true, bytes, ...(mediaType === '' ? {} : { mediaType }) };
};

const targetOf = (guard: SsrfGuard, url: string): Target => {
  const target = guard.validate(url);
  if (target.ok) return target;
  if (target.code === 'url_too_long' || target.code === 'url_credentials')
    throw new FetchError(target.message);
  if (target.code === 'url_invalid')
    throw new FetchError('The link is no URL that starts with https:// or http://.');
  throw blocked();
};

/** Converts an error to one with a reason for the customer. @throws the error, when it is a bug */
const reasonOf = (error: unknown): FetchError => {
  if (error instanceof FetchError) return error;
  if (!(error instanceof TransportFailure)) throw error;
  return error.kind === 'blocked_address' ? blocked() : new FetchError(error.message, true);
};

/**
 * Creates the client for links to files, with the address guard of webhooks: names are resolved and checked for each request, and
 * connections are made to the address that was checked. A connection serves one request.
 */
export const createFileFetcher = ({
  maxBytes = 10_000_000,
  timeoutMs = 15_000,
  ...options
}: FileFetcherOptions): FileFetcher => {
  const guard = createSsrfGuard(options, createResolveName(options.dnsServers));
  const dialOptions = {
    guard,
    connectTimeoutMs,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  };

  /** Sends one request. Returns the file, or the address that a redirect names. */
  const request = async (target: Target, limit: AbortSignal): Promise<FetchedFile | string> => {
    const { openConnection } = await import('./open-connection.ts');
    const addresses = await guard.addressesOf(target, limit);
    if (!Array.isArray(addresses)) throw blocked();
    const socket = await dial(target, addresses, dialOptions, { timings: {} }, limit);
    const { client } = openConnection(target.url.origin, socket, 0);
    const destroy = (): void => void client.destroy();
    limit.addEventListener('abort', destroy, { once: true });
    try {
      limit.throwIfAborted();
      const { pathname, search } = target.url;
      const answer = await client.request({
        method: 'GET',
        path: pathname + search,
        headers: { accept: '*/*', 'user-agent': 'turnstone' },
      });
      return await fileOf(answer, maxBytes, limit);
    } catch (error) {
      limit.throwIfAborted();
      throw error instanceof FetchError ? error : resetFailure(error);
    } finally {
      limit.removeEventListener('abort', destroy);
      socket.destroy();
      destroy();
    }
  };

  const follow = async (link: string, limit: AbortSignal): Promise<FetchedFile> => {
    let url = link;
    for (let hops = 0; hops <= maxRedirects; hops++) {
      const answer = await request(targetOf(guard, url), limit);
      if (typeof answer !== 'string') return answer;
      url = URL.parse(answer, url)?.href ?? '';
    }
    throw new FetchError('The link redirects too often.');
  };

  return {
    async fetch(url, signal): Promise<FetchedFile | FetchFailure> {
      signal.throwIfAborted();
      const timeout = AbortSignal.timeout(timeoutMs);
      try {
        return await follow(url, AbortSignal.any([signal, timeout]));
      } catch (error) {
        signal.throwIfAborted();
        const { message: reason, retryable } = timeout.aborted
          ? new FetchError(`The file could not be read within ${timeoutMs / 1_000} s.`, true)
          : reasonOf(error);
        return { ok: false, reason, retryable };
      }
    },
  };
};
