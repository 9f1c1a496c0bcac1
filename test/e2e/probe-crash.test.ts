import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { firstKeyIn } from '../support/first-key.ts';
import { type Running, startService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let folder: ReturnType<typeof temporaryFolder>;
let model: Server;
let processes: Running[];

beforeEach(() => {
  folder = temporaryFolder();
  processes = [];
});
afterEach(async () => {
  for (const { child } of processes) child.kill('SIGKILL');
  await Promise.all(processes.map(({ ended }) => ended));
  model.closeAllConnections();
  model.close();
  folder.remove();
});

it('a service killed during a probe of the model leaves no claim that delays the next start', async () => {
  let requests = 0;
  /** Rejects the first request for a decision; later probes get no answer. */
  model = createServer((request, response) => {
    if (request.url?.endsWith('/chat/completions')) requests += 1;
    else return response.writeHead(401).end('{}');
    if (requests === 1) response.writeHead(401).end('{}');
    else model.emit('probed');
  });
  model.listen(0, '127.0.0.1');
  await once(model, 'listening');
  const address = model.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const settings = {
    TURNSTONE_DATA_DIR: folder.path,
    OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
    OPENAI_API_KEY: 'key',
  };
  const first = await startService(settings);
  processes.push(first);
  const added = await fetch(`${first.url}/v3/memories/add/`, {
    method: 'POST',
    headers: {
      authorization: `Token ${firstKeyIn(folder.path)}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      messages: [{ role: 'user', content: 'I like tea.' }],
      user_id: 'alice',
    }),
  });
  z.object({ event_id: z.string() }).parse(await added.json());
  await once(model, 'probed');
  first.child.kill('SIGKILL');
  await first.ended;

  // Well before the lease of the killed process would expire.
  const again = once(model, 'probed', { signal: AbortSignal.timeout(20_000) });
  processes.push(await startService(settings));
  await again;

  expect(requests).toBe(3);
}, 60_000);
