import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../functions/api/http/limits.ts';
import { createLocalExtractor } from '../../shared/adapters/local-extractor/local-extractor.ts';
import { defaultCategories } from '../../shared/domain/categories/category.ts';
import type { DecideRequest } from '../../shared/ports/language-model.ts';
import { plainLanguageModel } from '../support/fake-models.ts';
import { type Client, finalEvent, openService, say } from '../support/in-memory-service.ts';

const asked: DecideRequest[] = [];
let service: Awaited<ReturnType<typeof openService>>;
beforeAll(async () => {
  service = await openService({
    languageModel: {
      ...plainLanguageModel,
      decide: (request, signal) => {
        asked.push(request);
        return plainLanguageModel.decide(request, signal);
      },
    },
  });
});
afterAll(() => service.close());

/** A client of a project of its own, and the path of that project. */
const ownProject = async (name: string, of = service) => {
  const client = await of.clientOf(name, ['read', 'write', 'admin']);
  const { org_id, project_id } = (await client('GET /v1/ping/')).body;
  return { client, path: `/api/v1/orgs/organizations/${org_id}/projects/${project_id}` };
};

const refined = async (client: Client, text: string, options: object = {}) => {
  const body = { ...say(text), ...options };
  const { event_id } = (await client('POST /v3/memories/add/', { body })).body;
  return finalEvent(client, event_id);
};

const lastOptions = () => asked.at(-1)?.turns.at(-1)?.options;

describe('settings of a project', () => {
  it('a project shows every setting before any was changed', async () => {
    const { client, path } = await ownProject('fresh');

    const { status, body } = await client(`GET ${path}/`);

    expect(status).toBe(200);
    expect(body).toMatchObject({
      name: 'fresh',
      description: '',
      custom_instructions: null,
      custom_categories: null,
      multilingual: true,
      decay: false,
      settings_version: 0,
      user_role: 'OWNER',
    });
  });

  it('an update changes the given settings and keeps the others', async () => {
    const { client, path } = await ownProject('changed');
    await client(`PATCH ${path}/`, { body: { custom_instructions: 'Only drinks.' } });

    const { body: answer } = await client(`PATCH ${path}/`, {
      body: { custom_categories: [{ food: 'Eats', sport: 'Plays' }], description: 'mine' },
    });

    expect(answer).toEqual({ message: 'Project updated successfully' });
    expect((await client(`GET ${path}/`)).body).toMatchObject({
      custom_instructions: 'Only drinks.',
      custom_categories: [{ food: 'Eats' }, { sport: 'Plays' }],
      description: 'mine',
      settings_version: 2,
    });
  });

  it.each([null, ''])('the value %j restores the default', async (custom_instructions) => {
    const { client, path } = await ownProject(`restored ${custom_instructions}`);
    await client(`PATCH ${path}`, { body: { custom_instructions: 'Only drinks.' } });

    await client(`PATCH ${path}`, { body: { custom_instructions } });

    expect((await client(`GET ${path}`)).body.custom_instructions).toBeNull();
  });

  it('concurrent updates of different settings are all kept', async () => {
    const { client, path } = await ownProject('concurrent');
    const changes = [
      { custom_instructions: 'a' },
      { agent_custom_instructions: 'b' },
      { inclusion_prompt: 'c' },
      { exclusion_prompt: 'd' },
      { multilingual: false },
    ];

    await Promise.all(changes.map((body) => client(`PATCH ${path}`, { body })));

    expect((await client(`GET ${path}`)).body).toMatchObject({
      ...Object.assign({}, ...changes),
      settings_version: changes.length,
    });
  });

  it.each(['custom_instructions,decay', 'customInstructions&fields=decay'])(
    'fields=%s reduces the answer to these fields',
    async (fields) => {
      const { client, path } = await ownProject('fresh');

      const { body } = await client(`GET ${path}/?fields=${fields}&org_id=x&project_id=y`);

      expect(body).toEqual({ custom_instructions: null, decay: false });
    },
  );

  it('a setting without effect is named, one that is turned off is not', async () => {
    const { client, path } = await ownProject('ignoring');

    const body = { decay: true, enable_graph: false, memory_depth: null, usecase: 'chat' };
    const answer = await client(`PATCH ${path}/`, { body });

    expect(answer.body.ignored).toEqual(['decay', 'usecase']);
  });

  it.each([
    ['custom_instructions', 'x'.repeat(limits.instructionsLength + 1)],
    ['description', 'x'.repeat(limits.descriptionLength + 1)],
    ['inclusion_prompt', 'x'.repeat(limits.includesLength + 1)],
    ['custom_categories', ['food']],
    ['custom_categories', [{ food: 'x'.repeat(limits.customCategoriesBytes) }]],
    ['multilingual', 'yes'],
  ])('an invalid %s is refused and changes nothing', async (field, value) => {
    const { client, path } = await ownProject('strict');

    const { status, body } = await client(`PATCH ${path}/`, { body: { [field]: value } });

    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'invalid_request', detail: expect.stringContaining(field) });
    expect((await client(`GET ${path}`)).body.settings_version).toBe(0);
  });

  it('another project, and another organization, is not found', async () => {
    const [mine, theirs] = [await ownProject('mine'), await ownProject('theirs')];

    const answers = [
      await mine.client(`GET ${theirs.path}`),
      await mine.client(`PATCH ${theirs.path}`, { body: { custom_instructions: 'x' } }),
      await mine.client('GET /api/v1/orgs/organizations/org_x'),
      await mine.client('GET /api/v1/orgs/organizations/org_x/projects'),
    ];

    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(
      answers.map(() => [404, 'project_not_found']),
    );
    expect((await theirs.client(`GET ${theirs.path}`)).body.settings_version).toBe(0);
  });

  it('a key without admin reads the settings and changes none', async () => {
    const { path } = await ownProject('guarded');
    const client = await service.clientOf('guarded', ['read', 'write']);

    const changed = await client(`PATCH ${path}`, { body: { custom_instructions: 'x' } });

    expect(changed.status).toBe(403);
    expect((await client(`GET ${path}`)).body).toMatchObject({
      custom_instructions: null,
      user_role: 'READER',
    });
  });

  it('the organization and the project of a key are listed', async () => {
    const { client, path } = await ownProject('listed');
    const [organization = ''] = path.split('/projects/');

    const [organizations, one, projects] = [
      await client('GET /api/v1/orgs/organizations/'),
      await client(`GET ${organization}/`),
      await client(`GET ${organization}/projects/`),
    ];

    expect(organizations.body).toEqual([one.body]);
    expect(projects.body).toMatchObject([{ name: 'listed', org_id: one.body.org_id }]);
  });
});

describe('refinement by the settings of a project', () => {
  const settings = {
    custom_instructions: 'Only drinks.',
    agent_custom_instructions: 'Only promises.',
    custom_categories: [{ drinks: 'What they drink' }],
    inclusion_prompt: 'tea',
    exclusion_prompt: 'coffee',
    multilingual: false,
  };

  it('the model is given the settings with every turn', async () => {
    const { client, path } = await ownProject('applied');
    await client(`PATCH ${path}`, { body: settings });

    await refined(client, 'I like tea.');

    expect(lastOptions()).toEqual({
      infer: true,
      instructions: 'Only drinks.',
      agentInstructions: 'Only promises.',
      categories: [{ name: 'drinks', description: 'What they drink' }],
      includes: 'tea',
      excludes: 'coffee',
      english: true,
    });
  });

  it('an option of the add replaces the setting', async () => {
    const { client, path } = await ownProject('replaced');
    await client(`PATCH ${path}`, { body: settings });

    await refined(client, 'I like tea.', {
      custom_instructions: 'Only food.',
      custom_categories: [{ food: 'What they eat' }],
    });

    expect(lastOptions()).toMatchObject({
      instructions: 'Only food.',
      categories: [{ name: 'food', description: 'What they eat' }],
      includes: 'tea',
    });
  });

  it('a project is not refined by the settings of another one', async () => {
    const [mine, theirs] = [await ownProject('isolated'), await ownProject('other')];
    await mine.client(`PATCH ${mine.path}`, { body: settings });

    await refined(theirs.client, 'I like tea.');

    expect(lastOptions()).toEqual({ infer: true, categories: defaultCategories });
  });
});

describe('the embedded extractor', () => {
  const extractor = createLocalExtractor();
  let local: typeof service;
  beforeAll(async () => {
    await extractor.warm();
    local = await openService({ languageModel: extractor });
  });
  afterAll(async () => {
    await local.close();
    await extractor.close();
  });

  it('an event names the settings that the extractor ignores', async () => {
    const { client, path } = await ownProject('basic', local);
    const body = { custom_instructions: 'Only drinks.', multilingual: false };
    await client(`PATCH ${path}`, { body });

    const event = await refined(client, 'I live in Rome.');

    expect(event).toMatchObject({
      status: 'SUCCEEDED',
      ignored: ['custom_instructions', 'multilingual'],
    });
  });

  it('an exclusion of the project is followed, and nothing is ignored', async () => {
    const { client, path } = await ownProject('excluding', local);
    await client(`PATCH ${path}`, { body: { exclusion_prompt: 'tea' } });

    const event = await refined(client, 'I like tea. I live in Rome.');
    const { body } = await client('POST /v3/memories/', {
      body: { filters: { user_id: 'alice' } },
    });

    expect(event.ignored).toBeUndefined();
    expect(body.results.map(({ memory }: { memory: string }) => memory)).toEqual([
      'User lives in Rome.',
    ]);
  });
});
