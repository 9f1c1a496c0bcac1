import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Client,
  finalEvent,
  openService,
  type TestService,
} from '../support/in-memory-service.ts';

const email = 'ana@mail.example';

let service: TestService;
let projects = 0;
beforeAll(async () => {
  service = await openService();
});
afterAll(() => service.close());

/** A client of a new project with these rules. */
const projectWith = async (redaction: object): Promise<Client> => {
  projects += 1;
  const client = await service.clientOf(`editing-${projects}`, ['read', 'write', 'admin']);
  const { org_id, project_id } = (await client('GET /v1/ping/')).body;
  const path = `/api/v1/orgs/organizations/${org_id}/projects/${project_id}`;
  await client(`PATCH ${path}`, { body: { redaction } });
  return client;
};

/** Adds a memory, and returns its id. */
const memoryOf = async (client: Client): Promise<string> => {
  const messages = [{ role: 'user', content: 'I like tea.' }];
  const { body } = await client('POST /v1/turns', { body: { user_id: 'alice', messages } });
  return (await finalEvent(client, body.event_id)).results[0].id;
};

describe('a text of which nothing is left', () => {
  it.each([
    ['PUT of a memory', 'PUT /v1/memories/ID/', { text: email }, 'text'],
    [
      'an update of MemOS',
      'POST /api/openmem/v1/update/memory',
      { memory_id: 'ID', title: email },
      'title',
    ],
    [
      'a replacement',
      'POST /api/openmem/v1/add/feedback',
      { user_id: 'alice', feedback_content: `Replace "tea" with "${email}"` },
      'feedback_content',
    ],
  ])('%s answers 400, and the memory stays', async (_, request, fields, field) => {
    const client = await projectWith({ email: 'drop' });
    const id = await memoryOf(client);
    const body = JSON.parse(JSON.stringify(fields).replace('ID', id));

    const answer = await client(request.replace('ID', id), { body });

    expect([answer.status, answer.body.field]).toEqual([400, field]);
    expect((await client(`GET /v1/memories/${id}/`)).body.memory).toContain('tea');
  });
});

it('a password is masked in the messages that repeat it, too', async () => {
  const client = await projectWith({ password: 'mask' });
  const contents = ['My password is fern-boat-7.', 'I noted fern-boat-7.'];
  const messages = contents.map((content) => ({ role: 'user', content }));

  const { body } = await client('POST /v1/turns', {
    body: { user_id: 'alice', messages, infer: false },
  });

  const event = await finalEvent(client, body.event_id);
  expect(event).toMatchObject({ redacted: [{ kind: 'password', count: 2 }] });
  expect(JSON.stringify(event)).not.toContain('fern-boat');
});
