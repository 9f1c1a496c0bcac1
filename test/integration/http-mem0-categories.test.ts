import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../functions/api/http/limits.ts';
import { createLocalExtractor } from '../../shared/adapters/local-extractor/local-extractor.ts';
import { type Client, finalEvent, openService, say } from '../support/in-memory-service.ts';

const extractor = createLocalExtractor();
let service: Awaited<ReturnType<typeof openService>>;
beforeAll(async () => {
  await extractor.warm();
  service = await openService({ languageModel: extractor });
});
afterAll(async () => {
  await service.close();
  await extractor.close();
});

/** A client of a project of its own, and the path of that project. */
const ownProject = async (name: string) => {
  const client = await service.clientOf(name, ['read', 'write', 'admin']);
  const { org_id, project_id } = (await client('GET /v1/ping/')).body;
  return { client, path: `/api/v1/orgs/organizations/${org_id}/projects/${project_id}` };
};

/** Adds a turn of Alice and returns its final event. */
const refined = async (client: Client, text: string, options: object = {}) => {
  const body = { ...say(text), ...options };
  const { event_id } = (await client('POST /v3/memories/add/', { body })).body;
  return finalEvent(client, event_id);
};

/** Texts of the listed memories, each with its categories. */
const listed = async (client: Client, filters: object = {}) => {
  const body = { filters: { user_id: 'alice', ...filters } };
  const answer = await client('POST /v3/memories/', { body });
  const memories: { memory: string; categories: string[] }[] = answer.body.results;
  return Object.fromEntries(memories.map(({ memory, categories }) => [memory, categories]));
};

describe('categories of the embedded extractor', () => {
  it('a memory gets the common categories, shows them and is found by them', async () => {
    const { client } = await ownProject('common');

    await refined(client, 'I play the cello. I live in Oslo.');

    expect(await listed(client)).toEqual({
      'User plays the cello.': ['music'],
      'User lives in Oslo.': ['personal_details'],
    });
    expect(await listed(client, { categories: { in: ['music'] } })).toEqual({
      'User plays the cello.': ['music'],
    });
  });

  it('an update of the text gives the categories of the new text', async () => {
    const { client } = await ownProject('updated');
    await refined(client, 'I work as a nurse.');

    await refined(client, 'I work as a teacher now.');

    expect(Object.values(await listed(client))).toEqual([['professional_details']]);
  });

  it('those of the project come before the common ones, and those of the add before both', async () => {
    const { client, path } = await ownProject('custom');
    const body = { custom_categories: [{ instruments: 'what is played: cello, piano' }] };
    await client(`PATCH ${path}`, { body });

    await refined(client, 'I play the cello.');
    await refined(client, 'I tune the piano monthly.', {
      custom_categories: [{ keys: 'piano and organ' }],
    });
    await refined(client, 'I practise the piano daily.', { custom_categories: [] });

    expect(await listed(client)).toMatchObject({
      'User plays the cello.': ['instruments'],
      'User tunes the piano monthly.': ['keys'],
      'User practises the piano daily.': ['instruments'],
    });
  });

  it('texts that are kept word for word get categories as well', async () => {
    const { client } = await ownProject('verbatim');

    await refined(client, 'I am allergic to pollen', { infer: false });

    expect(await listed(client)).toEqual({ 'I am allergic to pollen': ['health'] });
  });

  it('a fact of an excluded category is left out, with the reason', async () => {
    const { client } = await ownProject('excluding');

    const event = await refined(client, 'I have asthma. I live in Oslo.', {
      excludes: 'my health',
    });

    expect(Object.keys(await listed(client))).toEqual(['User lives in Oslo.']);
    expect(event.results).toContainEqual(
      expect.objectContaining({ event: 'NONE', reason: 'left out as the request asks' }),
    );
    expect(event.ignored).toBeUndefined();
  });

  it('the event names the options that need a language model', async () => {
    const { client } = await ownProject('ignoring');

    const event = await refined(client, 'I live in Oslo.', {
      excludes: 'Leave out whatever could embarrass me later on.',
      agent_custom_instructions: 'Keep promises.',
      structured_data_schema: { city: 'string' },
    });

    expect(event.ignored).toEqual([
      'agent_custom_instructions',
      'structured_data_schema',
      'excludes',
    ]);
    expect((await client(`GET /v1/event/${event.id}`)).body.ignored).toEqual(event.ignored);
  });
});

describe('options that are not valid', () => {
  const longName = 'x'.repeat(limits.categoryNameLength + 1);
  const longDescription = 'x'.repeat(limits.customCategoriesBytes);
  const names = Array.from({ length: limits.customCategories + 1 }, (_, n) => [`c${n}`, 'x']);

  it.each([
    ['a list of texts', { custom_categories: ['food'] }, 'items but got type "str"'],
    ['a long name', { custom_categories: [{ [longName]: 'x' }] }, 'a name longer than 100'],
    ['a blank name', { custom_categories: [{ ' ': 'x' }] }, 'must not have a blank name'],
    ['too many names', { custom_categories: [Object.fromEntries(names)] }, 'more than 100 names'],
    ['long descriptions', { custom_categories: [{ food: longDescription }] }, '60 kB'],
    ['a list as schema', { structured_data_schema: ['city'] }, 'must be an object'],
    ['a large schema', { structured_data_schema: { city: longDescription } }, '20 kB'],
    ['a schema of a text', { structured_data_schema: { type: 'string' } }, 'with properties'],
  ])('%s is a 400 that names the field', async (_, options, sentence) => {
    const [field = ''] = Object.keys(options);
    const body = { ...say('I live in Oslo.'), ...options };

    const answer = await service.client('POST /v3/memories/add/', { body });

    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe('invalid_request');
    expect(answer.body.field).toContain(field);
    expect(answer.body.detail).toContain(sentence);
  });
});
