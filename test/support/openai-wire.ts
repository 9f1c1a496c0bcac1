import { countTokens } from './count-tokens.ts';

/** Fields of a request that tests inspect. */
export interface ChatRequest {
  model: string;
  messages: { role: string; content: string }[];
  temperature?: number;
  top_p?: number;
  max_tokens?: number;
  stream?: boolean;
  response_format?: {
    type: string;
    json_schema?: { name: string; strict: boolean; schema: unknown };
  };
}

export interface EmbeddingsRequest {
  model: string;
  input: string[];
  encoding_format?: 'float' | 'base64';
  dimensions?: number;
}

export type ChatReply =
  | { content: string; finish?: 'stop' | 'length' | 'content_filter' }
  | { refusal: string };

/** Prompt tokens as OpenAI counts them: all messages, and the schema. */
const promptTokens = ({ messages, response_format }: ChatRequest): number =>
  countTokens(messages.map(({ content }) => content).join('\n')) +
  countTokens(JSON.stringify(response_format?.json_schema?.schema ?? ''));

export const chatBody = (request: ChatRequest, reply: ChatReply) => {
  const content = 'content' in reply ? reply.content : null;
  const prompt = promptTokens(request);
  const completion = countTokens(content ?? '');
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_795_000_000,
    model: request.model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content, refusal: 'refusal' in reply ? reply.refusal : null },
        logprobs: null,
        finish_reason: ('finish' in reply ? reply.finish : undefined) ?? 'stop',
      },
    ],
    usage: {
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion,
    },
  };
};

/** The answer as a stream: a chunk for each word, then the reason of the end. */
export const chatStream = (request: ChatRequest, reply: ChatReply): string => {
  const { choices, ...body } = chatBody(request, reply);
  const [choice] = choices;
  const chunk = (delta: object, finish_reason: string | null = null) =>
    `data: ${JSON.stringify({
      ...body,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, finish_reason }],
    })}\n\n`;
  const words = choice?.message.content?.match(/\S+\s*/g) ?? [];
  const parts = words.map((content) => chunk({ content }));
  return `${parts.join('')}${chunk({}, choice?.finish_reason)}data: [DONE]\n\n`;
};

const base64 = (vector: number[]): string =>
  Buffer.from(Float32Array.from(vector).buffer).toString('base64');

export const embeddingsBody = (request: EmbeddingsRequest, vectors: number[][]) => ({
  object: 'list',
  model: request.model,
  data: vectors.map((vector, index) => ({
    object: 'embedding',
    index,
    embedding: request.encoding_format === 'base64' ? base64(vector) : vector,
  })),
  usage: { prompt_tokens: countTokens(request.input.join('\n')), total_tokens: 0 },
});

export const errorBody = (message: string, code: string | null, param: string | null) => ({
  error: { message, type: 'invalid_request_error', code, param },
});
