import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { hashFeatures } from '../../shared/adapters/local-embedder/hashed-vector.ts';
import { answerFacts } from './openai-facts.ts';
import { type Fault, misbehave, sendJson } from './openai-faults.ts';
import {
  type ChatReply,
  type ChatRequest,
  chatBody,
  chatStream,
  type EmbeddingsRequest,
  embeddingsBody,
  errorBody,
} from './openai-wire.ts';

type Behaviour<Request, Reply> = Reply | Fault | ((request: Request) => Reply | Fault);
export type ChatBehaviour = Behaviour<ChatRequest, ChatReply>;
export type EmbeddingsBehaviour = Behaviour<EmbeddingsRequest, number[][]>;

/** Unit vector of the hashed words of a text: texts that share words have similar vectors. */
const embedWords = (text: string, dimensions: number): number[] => [
  ...hashFeatures(
    (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => [word, 1]),
    dimensions,
  ),
];

export interface OpenAiServerOptions {
  /** The only accepted key; every key is accepted when undefined. */
  apiKey?: string;
  /** Dimension of the embeddings, unless the request asks for another one. Default 256. */
  dimensions?: number;
  /** Delay of every response. */
  latencyMs?: number;
  /** Default behaviour when nothing is scripted. */
  chat?: ChatBehaviour;
  embeddings?: EmbeddingsBehaviour;
}

export type RecordedRequest = {
  authorization: string;
  traceparent: string | undefined;
  abandoned: boolean;
} & ({ kind: 'chat'; body: ChatRequest } | { kind: 'embeddings'; body: EmbeddingsRequest });

export interface OpenAiServer {
  /** Value for `baseUrl` and `OPENAI_BASE_URL`; ends in `/v1`. */
  url: string;
  /** All requests with a complete body, in order; `abandoned` when the client disconnected before the response. */
  requests: RecordedRequest[];
  /** Bodies of the chat requests so far. */
  chats(): ChatRequest[];
  embeddings(): EmbeddingsRequest[];
  /** Scripts the next chat requests, one behaviour each. */
  chatNext(...behaviours: ChatBehaviour[]): void;
  embedNext(...behaviours: EmbeddingsBehaviour[]): void;
  close(): Promise<void>;
}

const sendChat = (response: ServerResponse, request: ChatRequest, reply: ChatReply): void => {
  if (!request.stream) sendJson(response, 200, chatBody(request, reply));
  else
    response
      .writeHead(200, { 'content-type': 'text/event-stream' })
      .end(chatStream(request, reply));
};

const isFault = (reply: object): reply is Fault => 'fault' in reply;

const bodyOf = async (request: IncomingMessage): Promise<string> =>
  Buffer.concat(await request.toArray()).toString();

/**
 * Fake OpenAI server on loopback with the wire format of `/v1/chat/completions` and `/v1/embeddings`. By default
 * `answerFacts` answers chats and `embedWords` makes embeddings.
 */
export const startOpenAiServer = async (
  options: OpenAiServerOptions = {},
): Promise<OpenAiServer> => {
  const requests: RecordedRequest[] = [];
  const chatScript: ChatBehaviour[] = [];
  const embeddingsScript: EmbeddingsBehaviour[] = [];
  const dimensions = options.dimensions ?? 256;

  const chat = (body: ChatRequest): ChatReply | Fault => {
    const behaviour = chatScript.shift() ?? options.chat ?? answerFacts;
    return typeof behaviour === 'function' ? behaviour(body) : behaviour;
  };

  const embed = (body: EmbeddingsRequest): number[][] | Fault => {
    const behaviour = embeddingsScript.shift() ?? options.embeddings;
    if (!behaviour)
      return body.input.map((text) => embedWords(text, body.dimensions ?? dimensions));
    return typeof behaviour === 'function' ? behaviour(body) : behaviour;
  };

  const answer = async (request: RecordedRequest, response: ServerResponse): Promise<void> => {
    response.on('close', () => {
      request.abandoned = !response.writableEnded;
    });
    if (options.latencyMs) await sleep(options.latencyMs);
    if (request.kind === 'chat') {
      const reply = chat(request.body);
      if (isFault(reply)) misbehave(response, reply);
      else sendChat(response, request.body, reply);
    } else {
      const reply = embed(request.body);
      if (isFault(reply)) misbehave(response, reply);
      else sendJson(response, 200, embeddingsBody(request.body, reply));
    }
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const kind = { '/v1/chat/completions': 'chat', '/v1/embeddings': 'embeddings' }[
      request.url ?? ''
    ] as RecordedRequest['kind'] | undefined;
    const authorization = request.headers.authorization ?? '';
    const body = JSON.parse((await bodyOf(request)) || '{}');
    // A single text may be sent without a list.
    if (kind === 'embeddings') body.input = [body.input].flat();
    if (!kind) return sendJson(response, 404, errorBody('Not found.', null, null));
    if (options.apiKey !== undefined && authorization !== `Bearer ${options.apiKey}`) {
      return sendJson(response, 401, errorBody('Incorrect API key.', 'invalid_api_key', null));
    }
    const { traceparent } = request.headers;
    const sent = { authorization, traceparent: traceparent?.toString(), abandoned: false };
    const recorded: RecordedRequest = { kind, body, ...sent };
    requests.push(recorded);
    await answer(recorded, response);
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    chats: () => requests.flatMap((request) => (request.kind === 'chat' ? request.body : [])),
    embeddings: () =>
      requests.flatMap((request) => (request.kind === 'embeddings' ? request.body : [])),
    chatNext: (...behaviours) => void chatScript.push(...behaviours),
    embedNext: (...behaviours) => void embeddingsScript.push(...behaviours),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
