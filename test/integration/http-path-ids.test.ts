import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalPlatform } from '../../shared/platform/local.ts';
import { openService, type TestService } from '../support/in-memory-service.ts';
import { interceptStore } from '../support/intercepted-store.ts';

let service: TestService;
const asked: string[] = [];
beforeAll(async () => {
  const { store } = createLocalPlatform({ path: ':memory:' });
  const watched = interceptStore(store, {
    before: ({ keys, steps, method }) => {
      asked.push(method, ...[...keys, ...steps.map(({ key }) => key)].map(({ pk, sk }) => pk + sk));
    },
  });
  service = await openService({ store: watched, refines: false });
  // The key is cached from now on, so later requests do not look it up.
  await service.client('GET /v1/ping');
});
afterAll(() => service.close());

const malformed = [
  ['2,000 characters', 'a'.repeat(2_000)],
  ['the prefix and 2,000 digits', `whe_${'0'.repeat(2_000)}`],
  ['another noun', `ntf_${'0'.repeat(32)}`],
  ['capital letters', `whe_${'A'.repeat(32)}`],
  ['a space at the end', `whe_${'0'.repeat(32)}%20`],
  ['a line break at the end', `whe_${'0'.repeat(32)}%0A`],
  ['a null character', '%00'],
  ['broken percent signs', '%E0%A4%A'],
  ['a separator of keys', 'whe_%23SECRET%231'],
  ['an emoji', '%F0%9F%8D%B5'],
] as const;

const body = { url: 'https://example.com/', name: 'x', event_types: ['*'], since: 0 };

describe.each([
  'GET /v1/endpoints/:id',
  'PATCH /v1/endpoints/:id',
  'DELETE /v1/endpoints/:id',
  'POST /v1/endpoints/:id/pause',
  'POST /v1/endpoints/:id/resume',
  'POST /v1/endpoints/:id/test',
  'GET /v1/endpoints/:id/secret',
  'POST /v1/endpoints/:id/secret/rotate',
  'GET /v1/endpoints/:id/deliveries',
  'POST /v1/endpoints/:id/recover',
  'GET /v1/endpoints/:id/recover',
  'GET /v1/endpoints/:id/recover/rcv_00000000000000000000000000000000',
  'GET /v1/endpoints/whe_00000000000000000000000000000000/recover/:id',
  'POST /v1/endpoints/whe_00000000000000000000000000000000/recover/:id/cancel',
  'GET /v1/deliveries/:id',
  'POST /v1/deliveries/:id/resend',
  'GET /v1/memories/:id',
  'PUT /v1/memories/:id',
  'DELETE /v1/memories/:id',
  'GET /v1/memories/:id/history',
  'GET /v1/event/:id',
  'GET /v1/events/:id',
  'POST /v1/events/:id/retry',
  'POST /v1/events/:id/cancel',
  'PUT /api/v1/webhooks/:id',
  'DELETE /api/v1/webhooks/:id',
])('%s', (route) => {
  it.each(malformed)('a malformed id %s is rejected without a read of the store', async (_, id) => {
    const request = route.replace(':id', id);
    asked.length = 0;

    const answer = await service.client(request, request.startsWith('GET') ? {} : { body });

    const isUuid = /\/(memories|events?)\//.test(route);
    expect(answer.status).toBe(isUuid ? 400 : 404);
    expect(answer.body.code).toMatch(/^invalid_id$|_not_found$/);
    expect(asked).toEqual([]);
  });
});
