import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../functions/api/http/limits.ts';
import { cpuOf } from '../support/cpu-of.ts';
import { openService, type TestService } from '../support/in-memory-service.ts';

let service: TestService;
beforeAll(async () => {
  service = await openService();
});
afterAll(() => service.close());

describe('with a thousand memories', () => {
  beforeAll(async () => {
    for (let turn = 0; turn < 20; turn++) {
      const messages = Array.from({ length: 50 }, (_, i) => ({
        role: 'user',
        content: `I drank tea number ${turn * 50 + i} with ${'milk and '.repeat(20)} sugar.`,
      }));
      const metadata = { tags: ['tea', `t${turn}`], note: { of: turn } };
      await service.client('POST /v3/memories/add', {
        body: { user_id: 'thousand', infer: false, messages, metadata },
      });
    }
  }, 60_000);

  const alternatives = (make: (index: number) => object, count = 95) => ({
    AND: [{ user_id: 'thousand' }, { OR: Array.from({ length: count }, (_, i) => make(i)) }],
  });

  it('a thousand memories exist', async () => {
    const { body } = await service.client('POST /v3/memories/?page_size=1', {
      body: { filters: { user_id: 'thousand' } },
    });

    expect(body.count).toBe(1_000);
  });

  it.each([
    ['words', alternatives((i) => ({ text: { icontains: `${'MILK AND '.repeat(100)}${i}` } }))],
    [
      'near-misses',
      alternatives((i) => ({ text: { contains: `${i}${' milk and'.repeat(100)}` } })),
    ],
    ['categories', alternatives((i) => ({ categories: { contains: `c${i}` } }))],
    ['lists in metadata', alternatives((i) => ({ metadata: { tags: ['tea', `u${i}`] } }))],
    ['objects in metadata', alternatives((i) => ({ metadata: { note: { of: -i - 1 } } }))],
    [
      'times',
      alternatives((i) => ({ created_at: { gte: `21${String(i).padStart(2, '0')}-01-01` } })),
    ],
    ['ids', { user_id: 'thousand', memory_ids: Array.from({ length: 1_000 }, (_, i) => `m${i}`) }],
  ])('a search and a list by a filter of %s take less than 100 ms of CPU', async (_, filters) => {
    const search = { query: 'tea', top_k: 100, filters };

    const found = await cpuOf(() => service.client('POST /v3/memories/search', { body: search }));
    const listed = await cpuOf(() => service.client('POST /v3/memories', { body: { filters } }));

    expect(listed.answer).toMatchObject({ status: 200, body: { count: 0 } });
    expect(found.answer).toMatchObject({ status: 200, body: { results: [] } });
    expect(Math.max(found.ms, listed.ms)).toBeLessThan(100);
  });

  it.each([
    [
      'many words',
      Array.from({ length: 9_000 }, (_, i) => i.toString(36))
        .join(' ')
        .slice(0, 49_000),
    ],
    ['combining marks', `a${'\u0300\u0316'.repeat(15_000)}`],
    ['ligatures that are long when written out', '\ufdfa'.repeat(20_000)],
    ['ideographs', '漢字'.repeat(10_000)],
    ['digits and commas', '1,'.repeat(24_000)],
    ['apostrophes', "'".repeat(49_000)],
  ])('a query of %s takes less than 100 ms of CPU', async (_, query) => {
    const body = { query, filters: { user_id: 'thousand' } };

    const { answer, ms } = await cpuOf(() => service.client('POST /v3/memories/search', { body }));

    expect(answer.status).toBe(200);
    expect(ms).toBeLessThan(100);
  });

  it('fifty owners in eight shards each take less than 100 ms of CPU', async () => {
    const ids = Array.from({ length: limits.filterOwners }, (_, i) => `agent-${i}`);
    const body = { query: 'tea', filters: { agent_id: { in: ids } } };

    const { answer, ms } = await cpuOf(() => service.client('POST /v3/memories/search', { body }));

    expect(answer.status).toBe(200);
    expect(ms).toBeLessThan(100);
  });
});
