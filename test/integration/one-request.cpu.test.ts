import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examples } from '../support/fuzz/examples.ts';
import { hostileCasesOf } from '../support/fuzz/hostile-requests.ts';
import { type OneRequest, openOneRequest } from '../support/fuzz/one-request.ts';
import { routesOfApp } from '../support/fuzz/routes.ts';

const routes = await routesOfApp();

let service: OneRequest;
beforeAll(async () => {
  service = await openOneRequest();
}, 600_000);
afterAll(() => service.close());

describe('one request', () => {
  it('every route has a hostile request', () => {
    const known = new Set(examples.map(({ route }) => route));

    expect([...known].sort()).toEqual(routes);
  });

  // Limits: 50 ms of CPU between two turns of the event loop, 100 ms with a large body, and 64 MiB of heap.
  it.each(routes)(
    'a request blocks neither the event loop nor the heap, whatever is sent: %s',
    async (route) => {
      const findings = await service.findings(hostileCasesOf(route));

      expect(findings.join('\n')).toBe('');
    },
    1_200_000,
  );

  it('the cleanup after the last requests does not block the event loop', async () => {
    const findings = await service.cleanupFindings();

    expect(findings.join('\n')).toBe('');
  }, 600_000);
});
