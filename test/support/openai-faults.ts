import type { ServerResponse } from 'node:http';
import { answerFacts } from './openai-facts.ts';
import { type ChatReply, type ChatRequest, errorBody } from './openai-wire.ts';

/** What goes wrong instead of an answer. */
export type Fault =
  | { fault: 'status'; status: number; headers?: { [name: string]: string }; error?: WireError }
  /** A body with status 200 that is not what the API promises. */
  | { fault: 'body'; body: string }
  /** No answer, until the client or the server closes. */
  | { fault: 'hang' }
  /** Headers and half of the body, then silence. */
  | { fault: 'stall' }
  /** The connection ends without an answer. */
  | { fault: 'drop' };

export interface WireError {
  message?: string;
  code?: string;
  param?: string;
}

export const failing = (status: number, error: WireError = {}): Fault => ({
  fault: 'status',
  status,
  error,
});

export const rateLimited = (wait: string, header = 'retry-after'): Fault => ({
  fault: 'status',
  status: 429,
  headers: { [header]: wait },
  error: { code: 'rate_limit_exceeded' },
});

/** An answer cut off in the middle, as a model that stops too early leaves it. */
export const truncated: ChatReply = { content: '{"changes":[{"turn":1,"op":"ADD","te' };

/** A server that knows none of these response formats; everything else is answered as usual. */
export const withoutFormats =
  (...unknown: string[]) =>
  (request: ChatRequest): ChatReply | Fault => {
    const format = request.response_format?.type;
    return format !== undefined && unknown.includes(format)
      ? failing(400, { message: `response_format ${format} is not supported` })
      : answerFacts(request);
  };

export const sendJson = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

/** Does what the fault says to one response. */
export const misbehave = (response: ServerResponse, fault: Fault): void => {
  switch (fault.fault) {
    case 'status': {
      const { message = 'Scripted failure.', code = null, param = null } = fault.error ?? {};
      for (const [name, value] of Object.entries(fault.headers ?? {})) {
        response.setHeader(name, value);
      }
      sendJson(response, fault.status, errorBody(message, code, param));
      return;
    }
    case 'body':
      response.writeHead(200, { 'content-type': 'application/json' }).end(fault.body);
      return;
    case 'stall':
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"choices":[');
      return;
    case 'drop':
      response.destroy();
      return;
    case 'hang':
  }
};
