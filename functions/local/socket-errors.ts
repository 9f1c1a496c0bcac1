import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

interface SocketError {
  status: number;
  code: string;
  sentence: string;
}

const badRequest: SocketError = {
  status: 400,
  code: 'bad_http',
  sentence: 'The request is not valid HTTP/1.1.',
};

/** Answers to requests that Node's HTTP parser rejects, by its error code. */
const parserErrors: { readonly [code: string]: SocketError } = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'request_timeout',
    sentence: 'The request did not arrive completely in time.',
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

const expectationFailed: SocketError = {
  status: 417,
  code: 'expectation_failed',
  sentence: 'The only supported expectation is 100-continue.',
};

const noTunnel: SocketError = {
  status: 405,
  code: 'method_not_allowed',
  sentence: 'CONNECT is not allowed here.',
};

const bodyOf = ({ code, sentence }: SocketError): string =>
  JSON.stringify({ code, detail: sentence, error: sentence, message: sentence });

const headersOf = (body: string) => ({
  'Content-Type': 'application/json',
  'Content-Length': String(Buffer.byteLength(body)),
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  Connection: 'close',
});

const answer = (refusal: SocketError): string => {
  const body = bodyOf(refusal);
  const headers = Object.entries(headersOf(body)).map(([name, value]) => `${name}: ${value}\r\n`);
  const { status } = refusal;
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers.join('')}\r\n${body}`;
};

const respond = (response: ServerResponse, refusal: SocketError): void => {
  const body = bodyOf(refusal);
  response.writeHead(refusal.status, headersOf(body)).end(body);
};

const codeOf = (error: Error): string => ('code' in error ? String(error.code) : '');

/**
 * Answers requests that never reach the app, such as invalid HTTP, in the form of all other errors. On a connection with
 * an earlier request in progress, the answer follows the answer to that request. If that answer has been partly sent, the
 * connection is closed instead, since the client would read the error as a part of it.
 */
export const answerSocketErrors = (server: Server): void => {
  const responses = new WeakMap<Duplex, ServerResponse<IncomingMessage>>();
  server.on('request', (request: IncomingMessage, response: ServerResponse<IncomingMessage>) => {
    responses.set(request.socket, response);
  });
  const end = (socket: Duplex, refusal: SocketError): void => {
    const response = responses.get(socket);
    const isOpen = response !== undefined && !response.writableFinished;
    if (!socket.writable) socket.destroy();
    else if (isOpen && response.req.complete) response.once('finish', () => end(socket, refusal));
    else if (isOpen && response.headersSent) socket.destroy();
    else socket.end(answer(refusal), () => socket.destroy());
  };
  server.on('clientError', (error, socket) => {
    if (codeOf(error) === 'ECONNRESET') socket.destroy();
    else end(socket, parserErrors[codeOf(error)] ?? badRequest);
  });
  server.on('connect', (_, socket) => end(socket, noTunnel));
  server.on('checkExpectation', (_, response) => respond(response, expectationFailed));
};

/** Returns the answer to a request whose path, `Host` header or method does not form a URL. */
export const unreadableRequest = (): Response => {
  const body = bodyOf({
    ...badRequest,
    sentence: 'The path or the Host header of the request is not valid.',
  });
  return new Response(body, { status: badRequest.status, headers: headersOf(body) });
};
