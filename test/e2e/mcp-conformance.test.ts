import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { listen } from '../../functions/local/listen.ts';
import { openService, type TestService } from '../support/in-memory-service.ts';
import { root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const suite = join(root, 'test/peers/node_modules/@modelcontextprotocol/conformance/dist/index.js');
const run = promisify(execFile);

const Checks = z.array(z.object({ id: z.string(), status: z.string() }));

/** Scenarios of the suite that need no tools, prompts and resources of its own example server, by the version of the protocol. */
const scenarios = {
  '2025-11-25': ['server-initialize', 'ping', 'tools-list'],
  '2026-07-28': ['tools-list', 'server-sse-multiple-streams', 'http-header-validation'],
} as const;
type Version = keyof typeof scenarios;

/** Checks of the scenario on requests without a session that ask for tools of the example server, or for a stream, which a function has not. */
const unserved = [
  'sep-2575-server-rejects-undeclared-capability',
  'sep-2575-missing-capability-http-400',
  'sep-2575-http-server-no-independent-requests-on-stream',
  'sep-2575-server-no-log-without-loglevel',
  'sep-2575-server-sends-subscription-ack',
  'sep-2575-server-tags-subscription-id',
];

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

/** Runs what a version of the protocol requires; the checks by scenario. The exit code counts the scenarios of the example server. */
const checksOf = async (version: Version) => {
  const results = mkdtempSync(folder.file(version));
  const args = ['server', '--url', `${address}/mcp`, '--requirements', version, '-o', results];
  await run(process.execPath, [suite, ...args], { cwd: folder.path }).catch(() => undefined);
  return new Map(
    readdirSync(results).map((name) => {
      const [, scenario = ''] = /^server-(.+)-\d{4}-\d\d-\d\dT/.exec(name) ?? [];
      const text = readFileSync(join(results, name, 'checks.json'), 'utf8');
      return [scenario, Checks.parse(JSON.parse(text))] as const;
    }),
  );
};

const failuresIn = (checks: z.output<typeof Checks> = []): string[] =>
  checks.filter(({ status }) => status === 'FAILURE').map(({ id }) => id);

describe.each(Object.keys(scenarios) as Version[])(
  'the official conformance suite at the protocol of %s',
  (version) => {
    let checks: Awaited<ReturnType<typeof checksOf>>;
    beforeAll(async () => {
      checks = await checksOf(version);
    });

    it.each(scenarios[version])('the scenario %s passes', (scenario) => {
      expect(checks.get(scenario)?.some(({ status }) => status === 'SUCCESS')).toBe(true);
      expect(failuresIn(checks.get(scenario))).toEqual([]);
    });

    it('every message of every scenario has the form that the schema of this version asks for', () => {
      const forms = [...checks.values()].flat().filter(({ id }) => id === 'wire-schema-valid');

      expect(forms.length).toBeGreaterThan(20);
      expect(forms.filter(({ status }) => status !== 'SUCCESS')).toEqual([]);
    });
  },
);

it('requests without a session are answered as the protocol asks for, and lists say how long they may be cached', async () => {
  const checks = await checksOf('2026-07-28');
  const stateless = checks.get('server-stateless') ?? [];
  const caching = checks.get('caching') ?? [];

  expect(failuresIn(stateless)).toEqual(unserved);
  expect(stateless.filter(({ status }) => status === 'WARNING')).toEqual([]);
  expect(stateless.filter(({ status }) => status === 'SUCCESS').length).toBeGreaterThan(20);
  expect(caching).toContainEqual(
    expect.objectContaining({ id: 'sep-2549-tools-list-caching-hints', status: 'SUCCESS' }),
  );
});
