import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Language model on loopback that says the same to everything, and records the prompts. */
export interface ModelStub {
  /** Base URL of the chat completions, ends in `/v1`. */
  url: string;
  /** System and user texts of the requests so far, one text each. */
  prompts: string[];
  close(): Promise<void>;
}

const chunk = (choice: object): string =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 0, model: 'm', choices: [{ index: 0, ...choice }] })}\n\n`;

const streamed = (text: string): string =>
  `${chunk({ delta: { role: 'assistant', content: text }, finish_reason: null })}${chunk({ delta: {}, finish_reason: 'stop' })}data: [DONE]\n\n`;

const whole = (text: string): string =>
  JSON.stringify({
    ...{ id: 'c', object: 'chat.completion', created: 0, model: 'm' },
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  });

/** Starts the stub. A request for a stream gets server-sent events, another one a single JSON body. */
export const startModelStub = async (text: string): Promise<ModelStub> => {
  const prompts: string[] = [];
  const server = createServer(async (request, response) => {
    const { messages, stream } = JSON.parse(Buffer.concat(await request.toArray()).toString());
    prompts.push(JSON.stringify(messages));
    const type = stream ? 'text/event-stream' : 'application/json';
    response.writeHead(200, { 'content-type': type }).end(stream ? streamed(text) : whole(text));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    prompts,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
