import {
  type CallToolResult,
  createMcpHandler,
  isLegacyRequest,
  McpServer,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import { ApiError, type CallApi, type Scope } from './call-api.ts';
import { inputsFor } from './tool-input.ts';
import { ChangedMemory, Event, Memories, Page } from './tool-output.ts';
import { createTools, type ToolResult } from './tools.ts';

const instructions =
  'Long-term memory. Search before you answer a question about the user; add what the user says about themselves. What was just added is found at once, as type "rough", and becomes "refined" memories soon after.';

/** Errors that a model can act on become the result of the tool. */
const resultOf = async (work: Promise<ToolResult>): Promise<CallToolResult> => {
  try {
    const { text, data } = await work;
    return { content: [{ type: 'text', text }], structuredContent: data };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { content: [{ type: 'text', text: `${error.message} (${error.code})` }], isError: true };
  }
};

/** Creates an MCP server with the tools of one caller. */
export const createMcpServer = (version: string, call: CallApi, scope: Scope): McpServer => {
  const server = new McpServer(
    { name: 'turnstone', version },
    { instructions, capabilities: { tools: { listChanged: false } } },
  );
  const inputs = inputsFor(scope);
  const tools = createTools(call, scope);

  server.registerTool(
    'add_memory',
    {
      description:
        'Remember what was said. Found by searches at once; refined into facts within seconds.',
      inputSchema: inputs.add,
      outputSchema: Event,
      annotations: { readOnlyHint: false, destructiveHint: false },
    },
    (input) => resultOf(tools.add(input)),
  );
  server.registerTool(
    'search_memories',
    {
      description: 'Find memories by meaning and words, best first.',
      inputSchema: inputs.search,
      outputSchema: Memories,
      annotations: { readOnlyHint: true },
    },
    (input) => resultOf(tools.search(input)),
  );
  server.registerTool(
    'list_memories',
    {
      description: 'List memories, newest first.',
      inputSchema: inputs.list,
      outputSchema: Page,
      annotations: { readOnlyHint: true },
    },
    (input) => resultOf(tools.list(input)),
  );
  server.registerTool(
    'update_memory',
    {
      description: 'Replace the text of a memory, by its id from a search or a list.',
      inputSchema: inputs.update,
      outputSchema: ChangedMemory,
      annotations: { destructiveHint: true, idempotentHint: true },
    },
    (input) => resultOf(tools.update(input)),
  );
  server.registerTool(
    'delete_memory',
    {
      description: 'Erase a memory for good, by its id from a search or a list.',
      inputSchema: inputs.remove,
      outputSchema: ChangedMemory,
      annotations: { destructiveHint: true, idempotentHint: true },
    },
    (input) => resultOf(tools.remove(input)),
  );
  server.registerTool(
    'get_event',
    {
      description: 'Look up what became of an addition, by its event id.',
      inputSchema: inputs.event,
      outputSchema: Event,
      annotations: { readOnlyHint: true },
    },
    (input) => resultOf(tools.event(input)),
  );
  return server;
};

/**
 * Answers one message of the Model Context Protocol over streamable HTTP, without a session: of 2026-07-28, and of the
 * versions of 2025. An answer is one JSON object rather than a stream, so that it is the same behind Lambda.
 * @see https://modelcontextprotocol.io/specification/2026-07-28
 */
export const answerMcp = async (
  request: Request,
  parsedBody: unknown,
  { version, call, scope }: { version: string; call: CallApi; scope: Scope },
): Promise<Response> => {
  const create = () => createMcpServer(version, call, scope);
  if (!(await isLegacyRequest(request, parsedBody)))
    return createMcpHandler(create, { legacy: 'reject', maxSubscriptions: 0 }).fetch(request, {
      parsedBody,
    });
  const server = create();
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  await server.connect(transport);
  try {
    return await transport.handleRequest(request, { parsedBody });
  } finally {
    await server.close();
  }
};
