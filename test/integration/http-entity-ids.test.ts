import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLocalPlatform } from '../../shared/platform/local.ts';
import { openService, say, type TestService } from '../support/in-memory-service.ts';
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
beforeEach(() => {
  asked.length = 0;
});

const malformed = ['a'.repeat(2_000), '漢'.repeat(667)];

/** Requests with an entity id of the caller. */
const requests: readonly [string, string, (id: string) => object | undefined][] = [
  ['POST /v1/turns', 'user_id', (id) => say('tea', id)],
  ['POST /v1/turns', 'run_id', (id) => ({ ...say('tea'), run_id: id })],
  ['POST /v3/memories/add', 'agent_id', (id) => ({ ...say('tea'), agent_id: id })],
  ['POST /v1/memories', 'app_id', (id) => ({ ...say('tea'), app_id: id })],
  ['POST /v3/memories/search', 'user_id', (id) => ({ query: 'tea', filters: { user_id: id } })],
  [
    'POST /v3/memories/search',
    'agent_id in',
    (id) => ({ query: 'x', filters: { agent_id: { in: ['a', id] } } }),
  ],
  ['POST /v3/memories', 'run_id', (id) => ({ filters: { run_id: id } })],
  ['GET /v1/memories?user_id=:id', 'user_id', () => undefined],
  ['DELETE /v1/memories?user_id=:id', 'user_id', () => undefined],
  ['DELETE /v1/memories?user_id=a&run_id=:id', 'run_id', () => undefined],
  ['PUT /v1/batch', 'memory_id', (id) => ({ memories: [{ memory_id: id, text: 'tea' }] })],
  ['DELETE /v1/batch', 'memory_id', (id) => ({ memories: [{ memory_id: id }] })],
];

describe('an id of 2,000 bytes', () => {
  it.each(requests)(
    'an id of 2,000 bytes is rejected by %s (%s) without a read of the store',
    async (line, _, bodyOf) => {
      const answers = [];
      for (const id of malformed) {
        const body = bodyOf(id);
        const request = line.replace(':id', encodeURIComponent(id));
        answers.push(await service.client(request, body ? { body } : {}));
      }

      for (const answer of answers)
        expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
      expect(asked).toEqual([]);
    },
  );
});
