import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalExtractor } from '../../shared/adapters/local-extractor/local-extractor.ts';
import { finalEvent, openService, type TestService } from '../support/in-memory-service.ts';

const extractor = createLocalExtractor();
let service: TestService;
beforeAll(async () => {
  await extractor.warm();
  service = await openService({ languageModel: extractor });
});
afterAll(async () => {
  await service.close();
  await extractor.close();
});

const ids = { user_id: 'ann', agent_id: 'coach', app_id: 'web', run_id: 'r1' };
const add = async (options: object = {}) => {
  const messages = [
    { role: 'user', content: 'I live in Rome.' },
    { role: 'assistant', content: "I'm your diet coach. I recommend more fish." },
  ];
  const { body } = await service.client('POST /v3/memories/add/', {
    body: { messages, ...ids, ...options },
  });
  return finalEvent(service.client, body.event_id);
};

describe('the facts of a user and of an assistant', () => {
  it.each<object>([
    ...Object.entries(ids).map(([field, id]) => ({ [field]: id })),
    { user_id: 'ann', agent_id: 'coach' },
    { AND: Object.entries(ids).map(([field, id]) => ({ [field]: id })) },
  ])('all memories of a turn are found by %j, with their actor', async (filters) => {
    await add();

    const { body } = await service.client('POST /v3/memories/', { body: { filters } });

    const found = body.results.map(({ memory, actor }: { [key: string]: string }) => [
      memory,
      actor,
    ]);
    expect(found.toSorted()).toEqual([
      ["Assistant is User's diet coach.", 'assistant'],
      ['User lives in Rome.', 'user'],
    ]);
    expect(body.results).toMatchObject([ids, ids]);
  });

  it('an event says that the embedded extractor follows no instructions', async () => {
    const { results } = await add({
      agent_custom_instructions: 'Keep promises only.',
      user_id: 'ben',
    });

    expect(results).toContainEqual(
      expect.objectContaining({
        event: 'NONE',
        reason: expect.stringContaining('custom instructions were not followed'),
      }),
    );
  });
});
