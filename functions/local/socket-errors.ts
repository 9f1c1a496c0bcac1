import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

interface Refusal {
  status: number;
  code: string;
  sentence: string;
}

const badRequest: Refusal = {
  status: 400,
  code: 'bad_http',
  sentence: 'What was sent is not valid HTTP/1.1.',
};

/** What Node's parser gives up on, by its error codes. */
const refusals: { readonly [code: string]: Refusal } = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'request_timeout',
    sentence: 'The request did not arrive whole in time.',
  },
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'headers_too_large',
    sentence: 'The headers are larger than 16 kB.',
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: 413,
    code: 'body_too_large',
    sentence: 'The extensions of a chunk are larger than 16 kB.',
  },
};

const expectationFailed: Refusal = {
  status: 417,
  code: 'expectation_failed',
  sentence: 'The only expectation that can be met is 100-continue.',
};

const noTunnel: Refusal = {
  status: 405,
  code: 'method_not_allowed',
  sentence: 'CONNECT is not allowed here.',
};

const bodyOf = ({ code, sentence }: Refusal): string =>
  JSON.stringify({ code, detail: sentence, error: sentence, message: sentence });

const headersOf = (body: string) => ({
  'Content-Type': 'application/json',
  'Content-Length': String(Buffer.byteLength(body)),
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  Connection: 'close',
});

const answer = (refusal: Refusal): string => {
  const body = bodyOf(refusal);
  const headers = Object.entries(headersOf(body)).map(([name, value]) => `${name}: ${value}\r\n`);
  const { status } = refusal;
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers.join('')}\r\n${body}`;
};

const respond = (response: ServerResponse, refusal: Refusal): void => {
  const body = bodyOf(refusal);
  response.writeHead(refusal.status, headersOf(body)).end(body);
};

const codeOf = (error: Error): string => ('code' in error ? String(error.code) : '');

/**
 * Answers what never becomes a request of the app as every other error is answered: after the answer to the request
 * before it, or not at all where it would be read as a part of an answer that has begun.
 */
export const answerSocketErrors = (server: Server): void => {
  const answering = new WeakMap<Duplex, ServerResponse<IncomingMessage>>();
  server.on('request', (request: IncomingMessage, response: ServerResponse<IncomingMessage>) => {
    answering.set(request.socket, response);
  });
  const end = (socket: Duplex, refusal: Refusal): void => {
    const response = answering.get(socket);
    const isOpen = response !== undefined && !response.writableFinished;
    if (!socket.writable) socket.destroy();
    else if (isOpen && response.req.complete) response.once('finish', () => end(socket, refusal));
    else if (isOpen && response.headersSent) socket.destroy();
    else socket.end(answer(refusal), () => socket.destroy());
  };
  server.on('clientError', (error, socket) => {
    if (codeOf(error) === 'ECONNRESET') socket.destroy();
    else end(socket, refusals[codeOf(error)] ?? badRequest);
  });
  server.on('connect', (_, socket) => end(socket, noTunnel));
  server.on('checkExpectation', (_, response) => respond(response, expectationFailed));
};

/** The answer to a request whose path, `Host` header or method makes no URL. */
export const unreadableRequest = (): Response => {
  const body = bodyOf({
    ...badRequest,
    sentence: 'The path or the Host header of the request is not valid.',
  });
  return new Response(body, { status: badRequest.status, headers: headersOf(body) });
};
