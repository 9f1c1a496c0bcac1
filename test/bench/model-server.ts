import { startOpenAiServer } from '../support/openai-server.ts';
import { answerEither, dimensions } from './model-dialects.ts';

// Language model and embedder that answer at once, in a process of their own.
const vector = Array.from({ length: dimensions }, (_, i) => Math.sin(i + 1) / 28);
const server = await startOpenAiServer({
  dimensions,
  chat: answerEither,
  embeddings: ({ input }) => input.map(() => vector),
});
console.log(server.url);
