import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { describe, expect, it } from 'vitest';

const waitSeconds = 20;

/** Contract of every platform for the Model Context Protocol, by its published client. */
export const describeMcp = (running: () => { url: string; apiKey: string }): void => {
  describe('the Model Context Protocol', () => {
    it.each(['2025-11-25', '2026-07-28'])(
      'a client of the version %s adds a memory and finds it refined',
      async (version) => {
        const { url, apiKey } = running();
        const client = new Client(
          { name: 'test', version: '1' },
          version < '2026' ? {} : { versionNegotiation: { mode: { pin: version } } },
        );
        await client.connect(
          new StreamableHTTPClientTransport(
            new URL(`${url}/mcp?user_id=${encodeURIComponent(`mcp ${version}`)}`),
            { requestInit: { headers: { Authorization: `Bearer ${apiKey}` } } },
          ),
        );

        const added = await client.callTool({
          name: 'add_memory',
          arguments: { text: 'I live in Lisbon.' },
        });
        const event = await client.callTool({
          name: 'get_event',
          arguments: { event_id: Object(added.structuredContent).event_id, wait: waitSeconds },
        });
        const found = await client.callTool({
          name: 'search_memories',
          arguments: { query: 'Lisbon' },
        });
        await client.close();

        expect(event.structuredContent).toMatchObject({ status: 'SUCCEEDED' });
        expect(found.structuredContent).toMatchObject({
          results: [{ type: 'refined', memory: expect.stringContaining('Lisbon') }],
        });
      },
      60_000,
    );
  });
};
