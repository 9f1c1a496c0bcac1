import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import type { TurnOptions } from '../../shared/domain/memory/turn.ts';
import type { Store } from '../../shared/ports/store.ts';
import { openTable } from '../support/dynamodb-table.ts';
import { plainLanguageModel } from '../support/fake-models.ts';
import { finalEvent, openService, say, type TestService } from '../support/in-memory-service.ts';

const asked: TurnOptions[] = [];
let store: Store;
let service: TestService;
beforeAll(async () => {
  const clock = systemClock;
  store = createDynamoDbStore({ ...(await openTable()), clock, ids: createIds(clock) });
  service = await openService({
    store,
    languageModel: {
      ...plainLanguageModel,
      decide: (request, signal) => {
        asked.push(...request.turns.map(({ options }) => options));
        return plainLanguageModel.decide(request, signal);
      },
    },
  });
});
afterAll(async () => {
  await service.close();
  await store.close();
});

it('on DynamoDB concurrent changes of settings are all kept, and the model is given them', async () => {
  const client = await service.clientOf('default', ['read', 'write', 'admin']);
  const { org_id, project_id } = (await client('GET /v1/ping')).body;
  const path = `/api/v1/orgs/organizations/${org_id}/projects/${project_id}`;
  const changes = [
    { custom_instructions: 'Only drinks.' },
    { custom_categories: [{ drinks: 'What they drink' }] },
    { exclusion_prompt: 'coffee' },
  ];

  await Promise.all(changes.map((body) => client(`PATCH ${path}`, { body })));
  const added = await client('POST /v1/turns', { body: say('I like tea.') });
  await finalEvent(client, added.body.event_id);

  expect((await client(`GET ${path}`)).body).toMatchObject({
    ...Object.assign({}, ...changes),
    settings_version: 3,
  });
  expect(asked).toEqual([
    {
      infer: true,
      instructions: 'Only drinks.',
      categories: [{ name: 'drinks', description: 'What they drink' }],
      excludes: 'coffee',
    },
  ]);
});

it('on DynamoDB searches leave out messages as the project says, unless the request wants them', async () => {
  const client = await service.clientOf('messages', ['read', 'write', 'admin']);
  const { org_id, project_id } = (await client('GET /v1/ping')).body;
  const path = `/api/v1/orgs/organizations/${org_id}/projects/${project_id}`;
  const added = await client('POST /v1/turns', { body: say('I like tea.') });
  await finalEvent(client, added.body.event_id);
  const searched = async (options: object = {}) => {
    const body = { query: 'tea', filters: { user_id: 'alice' }, ...options };
    return (await client('POST /v3/memories/search', { body })).body.results;
  };

  await client(`PATCH ${path}`, { body: { include_messages: false } });
  const [without, wanted] = [await searched(), await searched({ include_messages: true })];

  expect(without).toMatchObject([{ type: 'refined' }]);
  expect(without[0].source).toBeUndefined();
  expect(wanted).toMatchObject([{ type: 'refined', source: { memory: 'I like tea.' } }]);
});

it('on DynamoDB sensitive values are masked, dropped or refused, and secrets are replaced when a turn is refined', async () => {
  const client = await service.clientOf('redaction', ['read', 'write', 'admin']);
  const { org_id, project_id } = (await client('GET /v1/ping')).body;
  const path = `/api/v1/orgs/organizations/${org_id}/projects/${project_id}`;
  const redaction = { card: 'mask', email: 'drop', phone: 'refuse' };
  await client(`PATCH ${path}`, { body: { redaction } });

  const refused = await client('POST /v1/turns', { body: say('Call +44 20 7946 0958.') });
  const added = await client('POST /v1/turns', {
    body: say('Card 4111111111111111, mail a@b.example, my PIN is 4821.'),
  });
  const event = await finalEvent(client, added.body.event_id);

  expect([refused.status, refused.body.code]).toEqual([400, 'sensitive_value']);
  expect(event).toMatchObject({
    status: 'SUCCEEDED',
    payload: {
      messages: [{ content: 'Card [redacted card number], mail , my PIN is [redacted].' }],
    },
    redacted: [
      { kind: 'password', count: 1 },
      { kind: 'card', count: 1 },
      { kind: 'email', count: 1 },
    ],
  });
});
