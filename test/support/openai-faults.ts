import type { ServerResponse } from 'node:http';
import { answerFacts } from './openai-facts.ts';
import { type ChatReply, type ChatRequest, errorBody } from './openai-wire.ts';

/** Failure of the fake server in place of an answer. */
export type Fault =
  | { fault: 'status'; status: number; headers?: { [name: string]: string }; error?: WireError }
  /** Status 200 with a body that violates the API. */
  | { fault: 'body'; body: string }
  /** No response until the client or the server closes the connection. */
  | { fault: 'hang' }
  /** Headers and half of the body, then silence. */
  | { fault: 'stall' }
  /** Connection closed without a response. */
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

/** Answer of a model that stopped too early. */
export const truncated: ChatReply = { content: '{"changes":[{"turn":1,"op":"ADD","te' };

/** Refuses requests with one of these response formats, and answers others as usual. */
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

/** Applies a fault to a response. */
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
