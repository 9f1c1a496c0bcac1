import { execFile } from 'node:child_process';
import { createServer, request, type Server } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listen } from '../../functions/local/listen.ts';
import { openService, type TestService } from '../support/in-memory-service.ts';
import { root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const suite = join(root, 'test/peers/node_modules/@modelcontextprotocol/conformance/dist/index.js');
const run = promisify(execFile);

let service: TestService;
let servers: Server[];
let address: string;
const folder = temporaryFolder();

/** Starts a proxy that adds the key, which the suite cannot send. */
const startProxy = async (target: string, key: string): Promise<string> => {
  const proxy = createServer((incoming, outgoing) => {
    const { method, url = '' } = incoming;
    const headers = { ...incoming.headers, authorization: `Bearer ${key}` };
    const forwarded = request(target + url, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(forwarded);
  });
  servers.push(proxy);
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const bound = proxy.address();
  return `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : 0}`;
};

beforeAll(async () => {
  servers = [];
  service = await openService();
  const { server, url } = await listen(service.app, '127.0.0.1', 0);
  servers.push(server);
  address = await startProxy(url, await service.keyOf());
});
afterAll(async () => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
  await service.close();
  folder.remove();
});

// The other scenarios of the suite ask for tools, prompts and resources of its own example server.
it.each(['server-initialize', 'ping', 'tools-list'])(
  'the scenario %s of the official conformance suite passes, at the protocol of 2025-11-25',
  async (scenario) => {
    const args = ['server', '--url', `${address}/mcp`, '--scenario', scenario];

    const { stdout } = await run(process.execPath, [suite, ...args], { cwd: folder.path });

    expect(stdout).toContain('Passed: 1/1, 0 failed, 0 warnings');
  },
);
