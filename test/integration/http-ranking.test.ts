import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readConfig } from '../../shared/platform/config/config.ts';
import { localTelemetry } from '../../shared/platform/local.ts';
import { createModels } from '../../shared/platform/models.ts';
import { openService, type TestService } from '../support/in-memory-service.ts';
import { createJumpClock } from '../support/jump-clock.ts';

const Case = z.strictObject({
  query: z.string(),
  facts: z.array(z.string()),
  expect: z.enum(['newer', 'older', 'unchanged']).optional(),
});
const Cases = z.strictObject({ unseen: z.array(Case), own: z.array(Case) });

/** Reads cases. The unseen ones were written before the rules, and no rule may be fitted to one of them. */
const readCases = (name: string) =>
  Cases.parse(JSON.parse(readFileSync(new URL(`ranking/${name}.json`, import.meta.url), 'utf8')));

const clock = createJumpClock();
const models = createModels(readConfig({}), clock, localTelemetry({ log: 'silent' }, clock));
let service: TestService;
beforeAll(async () => {
  await models.warm();
  service = await openService({ clock, embedder: models.embedder });
});
afterAll(async () => {
  await service.close();
  await models.close();
});

const beginning = Date.UTC(2026, 0, 5);
const monthMs = 30 * 24 * 60 * 60 * 1_000;

/** Adds facts word for word to a user of their own, each a month after the one before. */
const addFacts = async (user: string, facts: readonly string[]): Promise<void> => {
  for (const [month, content] of facts.entries())
    await service.client('POST /v3/memories/add/', {
      body: {
        user_id: user,
        infer: false,
        timestamp: new Date(beginning + month * monthMs).toISOString(),
        messages: [{ role: 'user', content }],
      },
    });
};

interface Found {
  memory: string;
  score: number;
  score_breakdown: { semantic: number };
  duplicates?: string[];
}

const search = async (query: string, user: string, options: object = {}): Promise<Found[]> => {
  const body = { query, filters: { user_id: user }, threshold: 0, ...options };
  return (await service.client('POST /v3/memories/search/', { body })).body.results;
};

/** Searches until every result was compared by its vector: on a busy machine the first searches compare words alone. */
const searchByMeaning = async (query: string, user: string): Promise<Found[]> => {
  await expect
    .poll(
      async () => {
        const found = await search(query, user);
        return found.length > 0 && found.every((one) => one.score_breakdown.semantic > 0);
      },
      { timeout: 30_000 },
    )
    .toBe(true);
  return search(query, user);
};

const isDescending = (found: readonly Found[]): boolean =>
  found.every(({ score }, at) => score <= (found[at - 1]?.score ?? 1));

describe.each(Object.entries(readCases('whose-fact')))('whose fact, %s', (part, cases) => {
  it.each(cases)('$query', async ({ query, facts }) => {
    const user = `${part} whose ${query}`;
    await addFacts(user, facts.toReversed());

    const [best] = await searchByMeaning(query, user);

    expect(best?.memory).toBe(facts[0]);
  });
});

describe.each(Object.entries(readCases('newer-first')))('newer before older, %s', (part, cases) => {
  it.each(cases.filter(({ expect: order }) => order !== 'unchanged'))(
    '$query: the $expect',
    async ({ query, facts, expect: order }) => {
      const user = `${part} ${query}`;
      await addFacts(user, facts);

      const found = await searchByMeaning(query, user);

      expect(found[0]?.memory).toBe(facts[order === 'newer' ? 1 : 0]);
      expect(isDescending(found)).toBe(true);
    },
  );

  it.each(cases.filter(({ expect: order }) => order === 'unchanged'))(
    '$query: as they match',
    async ({ query, facts }) => {
      await addFacts(`${part} ${query}`, facts);
      await addFacts(`${part} ${query} reversed`, facts.toReversed());

      const [one, other] = [
        await searchByMeaning(query, `${part} ${query}`),
        await searchByMeaning(query, `${part} ${query} reversed`),
      ];

      expect(one.map(({ memory }) => memory)).toEqual(other.map(({ memory }) => memory));
    },
  );
});

describe('a query that names the user', () => {
  it('by an id finds what a pronoun finds', async () => {
    await addFacts('mara', ['User lives in Bergen.', 'User plays the harp.']);

    const [named, other] = [
      await searchByMeaning("What's Mara's home town?", 'mara'),
      await searchByMeaning("What's her home town?", 'mara'),
    ];

    expect(named.map(({ memory, score }) => [memory, score])).toEqual(
      other.map(({ memory, score }) => [memory, score]),
    );
  });

  it.each([
    ['otto', 'Where does Otto live?', 'Otto lives in Bonn.', 'User lives in Trier.'],
    ['will', 'Will there be snow?', 'There will be snow in May.', 'She skis.'],
  ])('by the id %s is not changed where a memory has that word', async (user, query, ...facts) => {
    await addFacts(user, facts);

    const [best] = await searchByMeaning(query, user);

    expect(best?.memory).toBe(facts[0]);
  });
});

describe('results that say the same', () => {
  it('are one result, which names the others', async () => {
    await addFacts('twice', ['User likes hiking.', 'User really likes the hiking', 'I like tea.']);

    const found = await search('what does she like?', 'twice');

    expect(found.filter(({ memory }) => memory.includes('hiking'))).toMatchObject([
      { duplicates: [expect.any(String)] },
    ]);
    expect(found).toHaveLength(2);
  });

  it.each([
    ['User has 2 cats.', 'User has 3 cats.'],
    ['User likes hiking.', 'User no longer likes hiking.'],
    ['User eats before a run.', 'User eats after a run.'],
  ])('%s and %s are two', async (first, second) => {
    await addFacts(first, [first, second]);

    await expect(search('what about the user?', first)).resolves.toHaveLength(2);
  });

  it('are two if their metadata differ', async () => {
    for (const [page, content] of ['See the appendix.', 'See an appendix.'].entries())
      await service.client('POST /v3/memories/add/', {
        body: {
          ...{ user_id: 'pages', infer: false, metadata: { page } },
          messages: [{ role: 'user', content }],
        },
      });

    await expect(search('appendix', 'pages')).resolves.toHaveLength(2);
  });
});

describe('diversity', () => {
  const facts = [
    'User likes green tea.',
    'User likes green tea in the morning.',
    'User likes strong green tea.',
    'User likes skiing.',
  ];
  beforeAll(() => addFacts('tea', facts));

  const found = async (diversity: number, path = 'POST /v3/memories/search/') => {
    const body = { query: 'what does she like?', threshold: 0, diversity, top_k: 2 };
    const scope = path.includes('v3') ? { filters: { user_id: 'tea' } } : { user_id: 'tea' };
    const answer = await service.client(path, { body: { ...body, ...scope } });
    const results: Found[] = answer.body.results ?? answer.body;
    return results.map(({ memory }) => memory);
  };

  it('of 0 changes nothing', async () => {
    const plain = await search('what does she like?', 'tea', { top_k: 2 });

    await expect(found(0)).resolves.toEqual(plain.map(({ memory }) => memory));
  });

  it.each(['POST /v3/memories/search/', 'POST /v2/memories/search/', 'POST /v1/memories/search/'])(
    'of 0.7 shows what is unlike the first result: %s',
    async (path) => {
      const [first, second] = await found(0.7, path);

      expect([first, second].filter((memory) => memory?.includes('skiing'))).toHaveLength(1);
    },
  );

  it('compares by words where the embedder fails', async () => {
    const broken = await openService();
    const { client, platform } = broken;
    for (const content of facts)
      await client('POST /v3/memories/add/', {
        body: { user_id: 'tea', infer: false, messages: [{ role: 'user', content }] },
      });
    platform.embedder.embed = () => Promise.reject(new Error('down'));

    const { body } = await client('POST /v3/memories/search/', {
      body: { query: 'likes', filters: { user_id: 'tea' }, threshold: 0, diversity: 0.7, top_k: 2 },
    });
    await broken.close();

    expect(body.results.map(({ memory }: Found) => memory)).toContain('User likes skiing.');
  });

  it.each([-0.1, 1.1, 'much'])('of %s is refused', async (diversity) => {
    const { status, body } = await service.client('POST /v3/memories/search/', {
      body: { query: 'tea', filters: { user_id: 'tea' }, diversity },
    });

    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'invalid_request', field: 'diversity' });
  });
});
