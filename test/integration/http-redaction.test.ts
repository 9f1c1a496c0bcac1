import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUsageMeter } from '../../shared/core/projects/usage-meter.ts';
import {
  type Client,
  finalEvent,
  openService,
  type TestService,
} from '../support/in-memory-service.ts';

const card = '4111 1111 1111 1111';
const email = 'ana@mail.example';
const phone = '+44 20 7946 0958';

let service: TestService;
let projects = 0;
beforeAll(async () => {
  service = await openService();
});
afterAll(() => service.close());

/** A client of a new project with these rules. */
const projectWith = async (redaction: object | null): Promise<Client & { path: string }> => {
  projects += 1;
  const client = await service.clientOf(`redacting-${projects}`, ['read', 'write', 'admin']);
  const { org_id, project_id } = (await client('GET /v1/ping/')).body;
  const path = `/api/v1/orgs/organizations/${org_id}/projects/${project_id}`;
  await client(`PATCH ${path}`, { body: { redaction } });
  return Object.assign(client, { path });
};

/** All texts that the API shows of a user. */
const everything = async (client: Client): Promise<string> => {
  const filters = { user_id: 'alice' };
  const listed = await client('POST /v3/memories/', { body: { filters } });
  const found = await client('POST /v3/memories/search/', { body: { query: 'my card', filters } });
  const events = await client('GET /v1/events/');
  return JSON.stringify([listed.body, found.body, events.body]);
};

const said = (content: string) => ({ user_id: 'alice', messages: [{ role: 'user', content }] });
const file = (text: string) => ({
  type: 'txt_url',
  txt_url: `data:text/plain;base64,${Buffer.from(text).toString('base64')}`,
});

const addedBy = async (client: Client, request: string, body: object): Promise<string> => {
  const answer = await client(request, { body });
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  return answer.body.event_id ?? answer.body.data?.task_id ?? answer.body[0]?.event_id;
};

const memoryOf = async (client: Client): Promise<string> => {
  const event = await addedBy(client, 'POST /v1/turns', said('I like tea.'));
  return (await finalEvent(client, event)).results[0].id;
};

describe('a value that the project masks is never stored, whatever way the text takes', () => {
  const adds: [string, string, (text: string) => object][] = [
    ['a turn', 'POST /v1/turns', said],
    ['a turn without inference', 'POST /v1/turns', (text) => ({ ...said(text), infer: false })],
    ['an add of mem0', 'POST /v3/memories/add/', said],
    [
      'memory texts of an add',
      'POST /v1/memories/',
      (text) => ({ ...said('hello'), infer: false, deduced_memories: [text] }),
    ],
    [
      'an add of MemOS',
      'POST /api/openmem/v1/add/message',
      (text) => ({
        user_id: 'alice',
        conversation_id: 'c',
        messages: [{ role: 'user', content: text }],
        async_mode: true,
      }),
    ],
    [
      'feedback of MemOS',
      'POST /api/openmem/v1/add/feedback',
      (text) => ({ user_id: 'alice', conversation_id: 'c', feedback_content: text }),
    ],
    [
      'a file',
      'POST /v1/turns',
      (text) => ({ user_id: 'alice', messages: [{ role: 'user', content: [file(text)] }] }),
    ],
  ];

  it.each(adds)('%s', async (_, request, body) => {
    const client = await projectWith({ card: 'mask', email: 'drop' });

    const id = await addedBy(client, request, body(`My card is ${card}, my mail ${email}.`));
    const event = await finalEvent(client, id);

    expect(event).toMatchObject({
      status: 'SUCCEEDED',
      redacted: [
        { kind: 'card', count: 1 },
        { kind: 'email', count: 1 },
      ],
    });
    const shown = await everything(client);
    expect(shown).not.toContain(card);
    expect(shown).not.toContain(email);
    expect(shown).toContain('[redacted card number], my mail .');
  });

  it.each([
    [
      'PUT of a memory',
      (id: string) => `PUT /v1/memories/${id}/`,
      (_: string, text: string) => ({ text }),
    ],
    [
      'PUT of a batch',
      () => 'PUT /v1/batch/',
      (id: string, text: string) => ({ memories: [{ memory_id: id, text }] }),
    ],
    [
      'an update of MemOS',
      () => 'POST /api/openmem/v1/update/memory',
      (id: string, text: string) => ({ memory_id: id, content: text }),
    ],
  ])('%s', async (_, request, body) => {
    const client = await projectWith({ card: 'mask' });
    const id = await memoryOf(client);

    await client(request(id), { body: body(id, `User pays with ${card}.`) });

    const shown = await everything(client);
    expect(shown).not.toContain(card);
    expect(shown).toContain('User pays with [redacted card number].');
    const events = (await client('GET /v1/events/?event_type=UPDATE')).body.results;
    expect(events).toMatchObject([{ redacted: [{ kind: 'card', count: 1 }] }]);
  });

  it('a rough memory', async () => {
    const waiting = await openService({ refines: false });
    const client = await waiting.clientOf('rough', ['read', 'write', 'admin']);
    const { org_id, project_id } = (await client('GET /v1/ping/')).body;
    const path = `/api/v1/orgs/organizations/${org_id}/projects/${project_id}`;
    await client(`PATCH ${path}`, { body: { redaction: { card: 'mask' } } });
    const { body } = await client('POST /v1/turns', { body: said(`I pay with ${card}.`) });
    await client(`PUT /v1/memories/${body.turn_id}/`, { body: { text: `Card: ${card}` } });

    const shown = await everything(client);

    expect(shown).not.toContain(card);
    expect(shown).toContain('Card: [redacted card number]');
    await waiting.close();
  });

  it('a reason of feedback, and a replacement', async () => {
    const client = await projectWith({ phone: 'mask' });
    const id = await memoryOf(client);

    const feedback = { memory_id: id, feedback: 'NEGATIVE', feedback_reason: `Call ${phone}` };
    await client('POST /v1/feedback/', { body: feedback });
    const change = `Change "tea" to "${phone}" everywhere`;
    const body = { user_id: 'alice', conversation_id: 'c', feedback_content: change };
    await client('POST /api/openmem/v1/add/feedback', { body });

    expect(JSON.stringify((await client(`GET /v1/memories/${id}/`)).body)).not.toContain(phone);
    expect(await everything(client)).not.toContain(phone);
  });
});

describe('a value that the project refuses', () => {
  it.each([
    ['POST /v1/turns', said(`Call ${phone}`), 'messages[0].content'],
    ['POST /v3/memories/add/', said(`Call ${phone}`), 'messages[0].content'],
    [
      'POST /api/openmem/v1/add/feedback',
      { user_id: 'alice', conversation_id: 'c', feedback_content: `Call ${phone}` },
      'feedback_content',
    ],
  ])(
    '%s answers 400 with the field, the kind and a code, and stores nothing',
    async (request, body, field) => {
      const client = await projectWith({ phone: 'refuse' });

      const answer = await client(request, { body });

      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({
        [request.includes('openmem') ? 'reason' : 'code']: 'sensitive_value',
        field,
        kind: 'phone',
        message: `${field} has a phone number, which this project refuses.`,
      });
      expect((await client('GET /v1/events/')).body.count).toBe(0);
    },
  );

  it('an edit answers 400 and changes nothing', async () => {
    const client = await projectWith({ card: 'refuse' });
    const id = await memoryOf(client);

    const { status, body } = await client(`PUT /v1/memories/${id}/`, { body: { text: card } });

    expect([status, body.code, body.field, body.kind]).toEqual([
      400,
      'sensitive_value',
      'text',
      'card',
    ]);
    expect((await client(`GET /v1/memories/${id}/`)).body.memory).toContain('tea');
  });

  it('is refused by an extraction as well', async () => {
    const client = await projectWith({ phone: 'refuse', email: 'mask' });
    const extract = (content: string) =>
      client('POST /api/openmem/v1/extract/memory', {
        body: { messages: [{ role: 'user', content }] },
      });

    const refused = await extract(`Call ${phone}`);
    const masked = await extract(`I live in Rome. My mail is ${email}, my password is hunter22.`);

    expect([refused.status, refused.body.field]).toEqual([400, 'messages[0].content']);
    expect(JSON.stringify(masked.body)).toContain('I live in Rome.');
    expect(JSON.stringify(masked.body)).not.toMatch(/mail\.example|hunter22/);
  });

  it('a file with it is not read, and the event says why', async () => {
    const client = await projectWith({ card: 'refuse' });
    const messages = [
      {
        role: 'user',
        content: ['I like tea.', file(`Card ${card}`)].map((part) =>
          typeof part === 'string' ? { type: 'text', text: part } : part,
        ),
      },
    ];

    const id = await addedBy(client, 'POST /v1/turns', { user_id: 'alice', messages });
    const event = await finalEvent(client, id);

    expect(event.attachments).toMatchObject([
      { status: 'failed', reason: 'The file has a card number, which this project refuses.' },
    ]);
    expect(await everything(client)).not.toContain(card);
  });
});

it('what was masked is counted in the usage of the key', async () => {
  const counting = await openService({
    access: (platform) => ({ usage: createUsageMeter(platform) }),
  });
  const client = await counting.clientOf('counting', ['read', 'write', 'admin']);
  const { org_id, project_id } = (await client('GET /v1/ping/')).body;
  const path = `/api/v1/orgs/organizations/${org_id}/projects/${project_id}`;
  await client(`PATCH ${path}`, { body: { redaction: { card: 'mask', email: 'drop' } } });
  const id = await addedBy(client, 'POST /v1/turns', said(`${card} ${email}`));
  const memory = (await finalEvent(client, id)).results[0].id;
  await client(`PUT /v1/memories/${memory}/`, { body: { text: `Card ${card}` } });

  const { total } = (await client('GET /v1/usage')).body;

  expect(total).toMatchObject({ redacted: 3, adds: 1 });
  await counting.close();
});

describe('the rules of a project', () => {
  it('are shown with the project, and can be taken back', async () => {
    const client = await projectWith({ card: 'mask', email: null });
    const shown = (await client(`GET ${client.path}`)).body.redaction;
    await client(`PATCH ${client.path}`, { body: { redaction: null } });

    await addedBy(client, 'POST /v1/turns', { ...said(`Card ${card}`), infer: false });

    expect(shown).toEqual({ card: 'mask' });
    expect((await client(`GET ${client.path}`)).body.redaction).toBeNull();
    expect(await everything(client)).toContain(card);
  });

  it.each([
    [{ card: 'hide' }, 'redaction.card'],
    [{ passport: 'mask' }, 'redaction.passport'],
    ['mask', 'redaction'],
  ])('%j is refused', async (redaction, field) => {
    const client = await projectWith(null);

    const { status, body } = await client(`PATCH ${client.path}`, { body: { redaction } });

    expect([status, body.field]).toEqual([400, field]);
  });

  it('concern their project alone', async () => {
    await projectWith({ card: 'mask' });
    const other = await projectWith(null);

    await addedBy(other, 'POST /v1/turns', { ...said(`Card ${card}`), infer: false });

    expect(await everything(other)).toContain(card);
  });
});
