import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root, scriptEnv } from '../support/repository.ts';
import { type Running, runScript, startService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const key = 'key-of-the-mcp-command-test';

let folder: ReturnType<typeof temporaryFolder>;
let client: Client;
let service: Running | undefined;

beforeEach(() => {
  folder = temporaryFolder();
  client = new Client({ name: 'test', version: '1' });
});

afterEach(async () => {
  await client.close();
  service?.child.kill('SIGKILL');
  await service?.ended;
  service = undefined;
  folder.remove();
});

/** Starts the command as an MCP client starts a server. */
const connect = (...args: string[]) =>
  client.connect(
    new StdioClientTransport({
      command: 'npm',
      args: ['run', '--silent', 'mcp', '--', '--key', key, ...args],
      cwd: root,
      env: Object.fromEntries(
        Object.entries(scriptEnv()).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, value]],
        ),
      ),
    }),
  );

describe('npm run mcp', () => {
  it('a client on standard input and output adds a memory and finds it', async () => {
    const started = await startService({
      TURNSTONE_DATA_DIR: folder.path,
      TURNSTONE_API_KEY: key,
    });
    service = started;
    await connect('--url', started.url, '--user', 'ana');

    const added = await client.callTool({
      name: 'add_memory',
      arguments: { text: 'I live in Lisbon.', wait: true },
    });
    const found = await client.callTool({
      name: 'search_memories',
      arguments: { query: 'Where does she live?' },
    });

    expect(added.structuredContent).toMatchObject({ status: 'SUCCEEDED' });
    expect(found.structuredContent).toMatchObject({
      results: [{ memory: expect.stringContaining('Lisbon'), user_id: 'ana' }],
    });
  });

  it('without a service the tools say that none answers', async () => {
    await connect('--url', 'http://127.0.0.1:9');

    const found = await client.callTool({ name: 'list_memories', arguments: { user_id: 'ana' } });

    expect(found).toMatchObject({
      isError: true,
      content: [{ text: 'No Turnstone answers at http://127.0.0.1:9. (unreachable)' }],
    });
  });

  it('an unknown option ends the command with its usage', async () => {
    const command = runScript('mcp', {}, '--key', key, '--who', 'ana');

    expect(await command.ended).toBe(1);
    expect(command.err()).toContain('Usage: npm run -s mcp');
    expect(command.out()).toBe('');
  });
});
