import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProposedChange } from '../../shared/ports/language-model.ts';
import { type Client, finalEvent, openService, say } from '../support/in-memory-service.ts';
import { createScriptedModel, proposing } from '../support/scripted-model.ts';

const model = createScriptedModel();
let service: Awaited<ReturnType<typeof openService>>;
beforeAll(async () => {
  service = await openService({ languageModel: model });
});
afterAll(() => service.close());

const schema = { type: 'object', properties: { city: { type: 'string' } } };
const inOslo: ProposedChange = {
  turn: 0,
  type: 'ADD',
  text: 'User lives in Oslo.',
  structuredData: { city: 'Oslo' },
};

/** Adds a turn, which the model answers with one change. Returns the changed memory. */
const refined = async (client: Client, change: ProposedChange, options: object = {}) => {
  model.next(proposing(change));
  const body = { ...say('I live in Oslo.'), structured_data_schema: schema, ...options };
  const { event_id } = (await client('POST /v3/memories/add/', { body })).body;
  const event = await finalEvent(client, event_id);
  return (await client(`GET /v1/memories/${event.results[0].id}`)).body;
};

const moved: ProposedChange = {
  turn: 0,
  type: 'UPDATE',
  target: { memory: 0 },
  text: 'User lives in Porto.',
};

describe('structured data', () => {
  it('the model is given the schema, and its data are in the metadata of the memory', async () => {
    const client = await service.clientOf('structured');

    const memory = await refined(client, inOslo, { metadata: { source: 'chat' } });
    const found = await client('POST /v3/memories/', {
      body: {
        filters: {
          AND: [{ user_id: 'alice' }, { metadata: { structured_data: { city: 'Oslo' } } }],
        },
      },
    });

    expect(model.requests.at(-1)?.turns[0]?.options.structuredData).toEqual(schema);
    expect(memory.metadata).toEqual({ source: 'chat', structured_data: { city: 'Oslo' } });
    expect(found.body.results).toHaveLength(1);
  });

  it('a new text has the data of that text, or none', async () => {
    const client = await service.clientOf('changing');
    await refined(client, inOslo, { metadata: { source: 'chat' } });

    const porto = await refined(client, { ...moved, structuredData: { city: 'Porto' } });
    const away = await refined(client, { ...moved, text: 'User lives on a boat.' });

    expect(porto.metadata).toEqual({ source: 'chat', structured_data: { city: 'Porto' } });
    expect(away.metadata).toEqual({ source: 'chat' });
  });

  it('an edit of the text removes the data of the text before', async () => {
    const client = await service.clientOf('edited');
    const { id } = await refined(client, inOslo);

    await client(`PUT /v1/memories/${id}`, { body: { text: 'User lives on a boat.' } });

    expect((await client(`GET /v1/memories/${id}`)).body.metadata).toEqual({});
  });

  it('an entry of that name in the metadata of the add stays, if the model gives no data', async () => {
    const client = await service.clientOf('own entry');
    const { structuredData: _, ...bare } = inOslo;
    const metadata = { structured_data: 'mine' };
    await refined(client, bare, { metadata });

    const memory = await refined(client, moved);

    expect(memory.metadata).toEqual(metadata);
  });
});
