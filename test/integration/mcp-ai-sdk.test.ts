import { createMCPClient } from '@ai-sdk/mcp';
import { generateText, stepCountIs } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { listen } from '../../functions/local/listen.ts';
import { finalEvent, openService, type TestService } from '../support/in-memory-service.ts';

let service: TestService;
let address: string;
let closeServer: () => void;
beforeAll(async () => {
  service = await openService();
  const { server, url } = await listen(service.app, '127.0.0.1', 0);
  address = url;
  closeServer = () => void server.close();
});
afterAll(async () => {
  closeServer();
  await service.close();
});

const connect = async () =>
  createMCPClient({
    transport: {
      type: 'http',
      url: `${address}/mcp?user_id=ana`,
      headers: { Authorization: `Bearer ${await service.keyOf()}` },
    },
  });

const Added = z.object({ structuredContent: z.object({ event_id: z.string() }) });

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 1, text: 1, reasoning: undefined },
};

it('a model of the AI SDK adds and finds memories by the tools of /mcp', async () => {
  const client = await connect();
  const tools = await client.tools();
  const steps = [
    ['add_memory', { text: 'I live in Lisbon.' }],
    ['search_memories', { query: 'Lisbon' }],
  ] as const;
  let step = 0;
  const model = new MockLanguageModelV4({
    doGenerate: async () => {
      const [toolName, input] = steps[step++] ?? [];
      return {
        content: toolName
          ? [{ type: 'tool-call', toolCallId: `c${step}`, toolName, input: JSON.stringify(input) }]
          : [{ type: 'text', text: 'Done.' }],
        finishReason: { unified: toolName ? 'tool-calls' : 'stop', raw: undefined },
        usage,
        warnings: [],
      };
    },
  });

  const result = await generateText({ model, tools, stopWhen: stepCountIs(5), prompt: 'Go.' });
  await client.close();

  const [added, found] = result.steps.flatMap(({ toolResults }) => toolResults);
  expect(Object.keys(tools).sort()).toEqual([
    'add_memory',
    'delete_memory',
    'get_event',
    'list_memories',
    'search_memories',
    'update_memory',
  ]);
  expect(result.text).toBe('Done.');
  expect(JSON.stringify(found?.output)).toContain('Lisbon');
  const { event_id: event } = Added.parse(added?.output).structuredContent;
  expect(await finalEvent(service.client, event)).toMatchObject({ status: 'SUCCEEDED' });
});
