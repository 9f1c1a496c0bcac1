import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../functions/api/http/limits.ts';
import { getEvent } from '../../shared/core/events.ts';
import { indexMessages } from '../../shared/core/indexing/index-messages.ts';
import { getOrCreateProject } from '../../shared/core/projects/projects.ts';
import { openService, type TestService } from '../support/in-memory-service.ts';
import { createScriptedModel, unusable } from '../support/scripted-model.ts';
import { blockOf } from '../support/turn-cpu.ts';

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
    ['words', alternatives((i) => ({ text: { icontains: `${'MILK AND '.repeat(27)}${i}` } }))],
    ['near-misses', alternatives((i) => ({ text: { contains: `${i}${' milk and'.repeat(27)}` } }))],
    ['categories', alternatives((i) => ({ categories: { contains: `c${i}` } }))],
    ['lists in metadata', alternatives((i) => ({ metadata: { tags: ['tea', `u${i}`] } }))],
    ['objects in metadata', alternatives((i) => ({ metadata: { note: { of: -i - 1 } } }))],
    [
      'times',
      alternatives((i) => ({ created_at: { gte: `21${String(i).padStart(2, '0')}-01-01` } })),
    ],
    ['ids', { user_id: 'thousand', memory_ids: Array.from({ length: 1_000 }, (_, i) => `m${i}`) }],
  ])(
    'a search and a list by a filter of %s block for less than 50 ms of CPU',
    async (_, filters) => {
      const search = { query: 'tea', top_k: 100, filters };

      const found = await blockOf(() =>
        service.client('POST /v3/memories/search', { body: search }),
      );
      const listed = await blockOf(() =>
        service.client('POST /v3/memories', { body: { filters } }),
      );

      expect(listed.answer).toMatchObject({ status: 200, body: { count: 0 } });
      expect(found.answer).toMatchObject({ status: 200, body: { results: [] } });
      expect(Math.max(found.ms, listed.ms)).toBeLessThan(50);
    },
  );

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
  ])('a query of %s blocks for less than 50 ms of CPU', async (_, query) => {
    const body = { query, filters: { user_id: 'thousand' } };

    const { answer, ms } = await blockOf(() =>
      service.client('POST /v3/memories/search', { body }),
    );

    expect(answer.status).toBe(200);
    expect(ms).toBeLessThan(50);
  });

  it.each([
    ['metadata', { metadata: { tags: { contains: 't0' } } }, 50],
    ['a text', { text: { contains: 'number 7 ' } }, 1],
    ['all texts but one', { NOT: [{ text: { contains: 'milk and' } }] }, 0],
  ])(
    'a search by part of %s finds every match among a thousand memories',
    async (_, condition, count) => {
      const { body } = await service.client('POST /v3/memories/search', {
        body: { query: 'tea', top_k: 60, filters: { user_id: 'thousand', ...condition } },
      });

      expect(body.results).toHaveLength(count);
    },
  );

  it('a search that finds every message of two long turns blocks for less than 50 ms of CPU', async () => {
    const turns = [0, 1].map((turn) =>
      Array.from({ length: 500 }, (_, i) => ({
        role: 'user',
        content: `I drank tea number ${turn * 500 + i}.`,
      })),
    );
    const { id: project } = await getOrCreateProject(service.platform, 'default');
    for (const messages of turns) {
      const added = await service.client('POST /v3/memories/add', {
        body: { user_id: 'talker', infer: false, messages },
      });
      const event = await getEvent(service.platform, project, added.body.event_id);
      await indexMessages(service.platform, project, [event?.turn ?? '']);
    }
    const body = {
      query: 'tea',
      filters: { user_id: 'talker', text: { contains: 'tea number 77' } },
    };

    const { answer, ms } = await blockOf(() =>
      service.client('POST /v3/memories/search', { body }),
    );

    expect(answer.status).toBe(200);
    expect(ms).toBeLessThan(50);
  }, 60_000);

  it('fifty owners in eight shards each block for less than 50 ms of CPU', async () => {
    const ids = Array.from({ length: limits.filterOwners }, (_, i) => `agent-${i}`);
    const body = { query: 'tea', filters: { agent_id: { in: ids } } };

    const { answer, ms } = await blockOf(() =>
      service.client('POST /v3/memories/search', { body }),
    );

    expect(answer.status).toBe(200);
    expect(ms).toBeLessThan(50);
  });
});

describe('with the largest texts', () => {
  const largest = 'a'.repeat(limits.textLength);
  const roughTurn = 'a'.repeat(250_000);
  const metadata = { m: 'a'.repeat(28_000), parts: Array(200).fill({ a: 'a' }) };
  /** Periodic texts, which a search for parts of texts finds the most expensive. */
  const needleOf = (i: number, length: number): string =>
    `${'a'.repeat(i % length)}b${'a'.repeat(length - 1 - (i % length))}`;

  let service: TestService;
  const conditions = (condition: (i: number) => object) => ({
    AND: [
      { user_id: 'largest' },
      { OR: Array.from({ length: 95 }, (_, i) => condition(i)) },
      { NOT: Array.from({ length: 95 }, (_, i) => condition(i + 95)) },
    ],
  });

  beforeAll(async () => {
    // Without a model the turn stays rough.
    const model = createScriptedModel();
    model.always(unusable('invalid_answer'));
    service = await openService({ languageModel: model });
    const added = await service.client('POST /v3/memories/add', {
      body: {
        user_id: 'largest',
        infer: false,
        messages: [{ role: 'user', content: 'x' }],
        metadata,
        deduced_memories: Array.from({ length: 40 }, (_, i) => `fact ${i}`),
      },
    });
    const [first] = added.body.results;
    await service.client(`PUT /v1/memories/${first.id}`, { body: { text: largest } });
    await service.client('POST /v1/turns', {
      body: { user_id: 'largest', messages: [{ role: 'user', content: roughTurn }] },
    });
  }, 60_000);

  afterAll(() => service.close());

  it('one memory and the turn are of the largest size', async () => {
    const { body } = await service.client('POST /v3/memories', {
      body: { filters: { user_id: 'largest' } },
    });
    const sizes = body.results.map(({ memory }: { memory: string }) => memory.length);

    expect(Math.max(...sizes)).toBeGreaterThan(roughTurn.length);
    expect(sizes).toContain(largest.length);
    expect(body.count).toBe(41);
  });

  const { filterPartLength: longest } = limits;

  it.each([
    ['a text', (i: number) => ({ text: { contains: needleOf(i, longest) } })],
    ['a text in any case', (i: number) => ({ keywords: { icontains: needleOf(i, longest) } })],
    ['a short text', (i: number) => ({ text: { contains: `aaaaa${i}` } })],
    ['metadata', (i: number) => ({ metadata: { m: { contains: needleOf(i, longest) } } })],
    ['a list in metadata', (i: number) => ({ metadata: { parts: { contains: { a: `${i}` } } } })],
    ['a category', (i: number) => ({ categories: { contains: needleOf(i, longest) } })],
  ])(
    'a search and a list by 190 conditions on %s block for less than 50 ms of CPU',
    async (_, condition) => {
      const filters = conditions(condition);
      const search = { query: 'fact', filters };

      const found = await blockOf(() =>
        service.client('POST /v3/memories/search', { body: search }),
      );
      const listed = await blockOf(() =>
        service.client('POST /v3/memories', { body: { filters } }),
      );

      expect([found.answer.status, listed.answer.status]).toEqual([200, 200]);
      expect(Math.max(found.ms, listed.ms)).toBeLessThan(50);
    },
    60_000,
  );

  it.each([
    ['text', (part: string) => ({ text: { contains: part } })],
    ['text', (part: string) => ({ text: { icontains: part } })],
    ['keywords', (part: string) => ({ keywords: part })],
    ['keywords_search', (part: string) => ({ keywords_search: part })],
    ['categories', (part: string) => ({ categories: part })],
    ['categories', (part: string) => ({ categories: { contains: part } })],
    ['categories', (part: string) => ({ categories: { contains: ['x', part] } })],
    ['metadata.m', (part: string) => ({ metadata: { m: { contains: part } } })],
  ])('a filter of %s refuses to look for more than 250 characters', async (field, condition) => {
    const answerTo = (part: string) =>
      service.client('POST /v3/memories', {
        body: { filters: { user_id: 'largest', ...condition(part) } },
      });

    expect((await answerTo('a'.repeat(longest))).status).toBe(200);
    // Some letters are two in lower case.
    for (const long of ['a'.repeat(longest + 1), '\u0130'.repeat(longest / 2 + 1)])
      expect(await answerTo(long)).toMatchObject({
        status: 400,
        body: {
          detail: `filters.${field} must not look for more than 250 characters.`,
          field: `filters.${field}`,
        },
      });
  });

  it('the parameter keywords refuses to look for more than 250 characters', async () => {
    const answer = await service.client('POST /v3/memories', {
      body: { filters: { user_id: 'largest' }, keywords: 'a'.repeat(longest + 1) },
    });

    expect(answer).toMatchObject({ status: 400, body: { field: 'keywords' } });
  });
});
