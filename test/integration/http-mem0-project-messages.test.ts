import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Client,
  finalEvent,
  openService,
  say,
  type TestService,
} from '../support/in-memory-service.ts';

let service: TestService;
beforeAll(async () => {
  service = await openService();
});
afterAll(() => service.close());

/** A client of a project of its own, and the path of that project. */
const ownProject = async (name: string, of = service) => {
  const client = await of.clientOf(name, ['read', 'write', 'admin']);
  const { org_id, project_id } = (await client('GET /v1/ping/')).body;
  return { client, path: `/api/v1/orgs/organizations/${org_id}/projects/${project_id}` };
};

const refined = async (client: Client, text: string) => {
  const { event_id } = (await client('POST /v3/memories/add/', { body: say(text) })).body;
  return finalEvent(client, event_id);
};

describe('messages in the searches of a project', () => {
  const searched = async (client: Client, options: object = {}) => {
    const body = { query: 'tea', filters: { user_id: 'alice' }, ...options };
    return (await client('POST /v3/memories/search/', { body })).body.results;
  };

  it('a search follows the project, and a request that says otherwise wins', async () => {
    const { client, path } = await ownProject('messages');
    await refined(client, 'I like tea.');
    const before = await searched(client);
    await client(`PATCH ${path}`, { body: { include_messages: false } });

    const [without, wanted] = [
      await searched(client),
      await searched(client, { include_messages: true }),
    ];
    await client(`PATCH ${path}`, { body: { include_messages: null } });
    const after = await searched(client);

    expect(before).toMatchObject([{ type: 'refined', source: { memory: 'I like tea.' } }]);
    expect(without).toMatchObject([{ type: 'refined' }]);
    expect(without[0].source).toBeUndefined();
    expect(wanted[0].source).toEqual(before[0].source);
    expect(after[0].source).toEqual(before[0].source);
  });

  it('a project without messages still finds what was said just now', async () => {
    const waiting = await openService({ refines: false });
    const { client, path } = await ownProject('rough', waiting);
    await client(`PATCH ${path}`, { body: { include_messages: false } });

    await client('POST /v3/memories/add/', { body: say('I like tea.') });
    const results = await searched(client);
    await waiting.close();

    expect(results).toMatchObject([{ type: 'rough' }]);
  });
});
