import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../shared/platform/config/config.ts';
import { localTelemetry } from '../../shared/platform/local.ts';
import { createModels } from '../../shared/platform/models.ts';
import { openService, type TestService } from '../support/in-memory-service.ts';
import { createJumpClock } from '../support/jump-clock.ts';

const preference = 'I prefer Python over JavaScript.';
const printer = 'The printer is on the third floor.';

/** When and where the two facts were said, each in a way in which the second follows the first. */
const occasions = {
  'in one go': [{}, {}],
  'in one run': [{ run_id: 'r' }, { run_id: 'r' }],
  'in two runs': [{ run_id: 'a' }, { run_id: 'b' }],
  'months apart': [{ timestamp: '2024-01-05T10:00:00Z' }, { timestamp: '2024-06-05T10:00:00Z' }],
} as const;

describe('scores of the embedded model', () => {
  const clock = createJumpClock();
  const models = createModels(readConfig({}), clock, localTelemetry({ log: 'silent' }, clock));
  let service: TestService;

  const search = async (user: string, query: string, options: object, version = 'v3') =>
    (
      await service.client(`POST /${version}/memories/search/`, {
        body: { query, filters: { user_id: user }, ...options },
      })
    ).body;

  beforeAll(async () => {
    service = await openService({ clock, embedder: models.embedder });
    for (const [user, [first, second]] of Object.entries(occasions))
      for (const [content, where] of [
        [preference, first],
        [printer, second],
      ] as const)
        await service.client('POST /v3/memories/add/', {
          body: { user_id: user, infer: false, messages: [{ role: 'user', content }], ...where },
        });
  });
  afterAll(async () => {
    await service.close();
    await models.close();
  });

  it.each(Object.keys(occasions))(
    'a fact said %s with a match is not found through that match',
    async (user) => {
      const { results } = await search(user, 'Python', { threshold: 0.7 });

      expect(results.map(({ memory }: { memory: string }) => memory)).toEqual([preference]);
    },
  );

  it('an unrelated fact of the same conversation stays unrelated', async () => {
    for (const content of ['I work in Lisbon as a chef.', 'My favourite colour is green.'])
      await service.client('POST /v3/memories/add/', {
        body: { user_id: 'chef', infer: false, messages: [{ role: 'user', content }] },
      });

    const { results } = await search('chef', 'Where does he work?', { threshold: 0.1 });

    expect(results.map(({ memory }: { memory: string }) => memory)).toEqual([
      'I work in Lisbon as a chef.',
    ]);
  });

  it('an unrelated fact scores below 0.1, and a question finds what answers it above 0.3', async () => {
    const { results } = await search('in one go', 'Which programming language does she like?', {
      threshold: 0,
    });
    const scores = new Map(
      results.map(({ memory, score }: { memory: string; score: number }) => [memory, score]),
    );

    expect(scores.get(preference)).toBeGreaterThan(0.3);
    expect(scores.get(printer)).toBeLessThan(0.1);
  });

  it.each(['asdf qwer zxcv', 'the', 'banana helicopter quantum sofa', '????'])(
    'the query %s finds nothing',
    async (query) => {
      const { results } = await search('months apart', query, { threshold: 0.1 });

      expect(results).toEqual([]);
    },
  );
});
