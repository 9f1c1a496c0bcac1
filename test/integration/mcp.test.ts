import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openService, type TestService } from '../support/in-memory-service.ts';

let service: TestService;
let fullKey: string;
beforeAll(async () => {
  service = await openService();
  fullKey = await service.keyOf();
});
afterAll(() => service.close());

/** A published client of the protocol, connected to the service with a key. */
const connect = async ({
  query = '',
  version = '2025-11-25',
  key = fullKey,
}: {
  query?: string;
  version?: string;
  key?: string;
} = {}) => {
  const client = new Client(
    { name: 'test', version: '1' },
    version < '2026' ? {} : { versionNegotiation: { mode: { pin: version } } },
  );
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`http://service.test/mcp${query}`), {
      requestInit: { headers: { Authorization: `Bearer ${key}` } },
      fetch: async (url, init) => service.app.fetch(new Request(url, init)),
    }),
  );
  const call = async (name: string, args: object) => {
    const { content, structuredContent, isError } = await client.callTool({
      name,
      arguments: { ...args },
    });
    // biome-ignore lint/suspicious/noExplicitAny: the result is data to examine
    return { text: (content as any)[0]?.text, data: structuredContent as any, isError };
  };
  return { client, call };
};

describe('the Model Context Protocol', () => {
  it.each(['2025-11-25', '2026-07-28'])(
    'a client of the version %s adds a memory, finds it at once, and reads it refined',
    async (version) => {
      const user_id = `ana ${version}`;
      const { call } = await connect({ version });

      const added = await call('add_memory', { text: 'I live in Lisbon.', user_id });
      const rough = await call('search_memories', { query: 'Lisbon', user_id });
      const event = await call('get_event', { event_id: added.data.event_id, wait: 20 });
      const refined = await call('search_memories', { query: 'Lisbon', user_id });
      const listed = await call('list_memories', { user_id });

      expect(added.data).toMatchObject({ status: 'PENDING', results: [] });
      expect(['rough', 'refined']).toContain(rough.data.results[0].type);
      expect(rough.text).toContain('Lisbon');
      expect(event.data).toMatchObject({ status: 'SUCCEEDED', results: [{ event: 'ADD' }] });
      expect(refined.data.results[0]).toMatchObject({ type: 'refined', user_id });
      expect(listed.data).toMatchObject({ count: 1, has_more: false, results: { length: 1 } });
    },
  );

  it('the id of a search is accepted by update and delete', async () => {
    const { call } = await connect();
    const { data } = await call('add_memory', { text: 'I drink tea.', user_id: 'ben', wait: true });
    const [{ id: memory_id }] = (await call('search_memories', { query: 'tea', user_id: 'ben' }))
      .data.results;

    const updated = await call('update_memory', { memory_id, text: 'Ben drinks coffee.' });
    const changed = await call('search_memories', { query: 'coffee', user_id: 'ben' });
    const deleted = await call('delete_memory', { memory_id });
    const after = await call('list_memories', { user_id: 'ben' });

    expect(data).toMatchObject({ status: 'SUCCEEDED' });
    expect(updated.data).toEqual({ id: memory_id, changed: 'updated' });
    expect(changed.data.results[0]).toMatchObject({ id: memory_id, memory: 'Ben drinks coffee.' });
    expect(deleted.data).toEqual({ id: memory_id, changed: 'deleted' });
    expect(after.data.results).toEqual([]);
    expect(after.text).toBe('No memories.');
  });

  it('ids in the address confine every tool', async () => {
    const all = await connect();
    const { data: other } = await all.call('add_memory', {
      text: 'I like rain.',
      user_id: 'carl',
      wait: true,
    });
    const [{ id: memory_id }] = other.results;
    const { client, call } = await connect({ query: '?user_id=dora' });
    const { tools } = await client.listTools();

    const answers = [
      await call('search_memories', { query: 'rain' }),
      await call('list_memories', {}),
      await call('search_memories', { query: 'rain', user_id: 'carl' }),
      await call('update_memory', { memory_id, text: 'No.' }),
      await call('delete_memory', { memory_id }),
      await call('get_event', { event_id: other.event_id }),
    ];
    const kept = await all.call('search_memories', { query: 'rain', user_id: 'carl' });

    const ofAdd = tools.find(({ name }) => name === 'add_memory')?.inputSchema.properties ?? {};
    expect(Object.keys(ofAdd)).not.toContain('user_id');
    expect(answers.slice(0, 2).map(({ data }) => data.results)).toEqual([[], []]);
    expect(answers.slice(2).map(({ isError }) => isError)).toEqual([true, true, true, true]);
    expect(JSON.stringify(answers)).not.toContain('like rain');
    expect(kept.data.results[0].id).toBe(memory_id);
  });

  it('an id of another user is answered as one that does not exist', async () => {
    const all = await connect();
    const { data } = await all.call('add_memory', { text: 'I jog.', user_id: 'fay', wait: true });
    const { call } = await connect({ query: '?user_id=gus' });
    const none = '01890000-0000-7000-8000-000000000000';

    for (const [name, field, id] of [
      ['delete_memory', 'memory_id', data.results[0].id],
      ['get_event', 'event_id', data.event_id],
    ] as const)
      expect(await call(name, { [field]: id })).toEqual(await call(name, { [field]: none }));
  });

  it('an address with a parameter that is not known is refused, since it would confine nothing', async () => {
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };

    const answer = await service.client('POST /mcp?user=ana', { body: ping });

    expect(answer.status).toBe(400);
    expect(answer.body.message).toBe(
      'user is not a field of this request: use user_id, agent_id, app_id, run_id.',
    );
  });

  it('an id of points alone leads to no other route', async () => {
    const { call } = await connect();

    const texts = await Promise.all(
      ['.', '..'].flatMap((id) => [
        call('delete_memory', { memory_id: id }),
        call('get_event', { event_id: id }),
      ]),
    );

    expect(texts.map(({ isError }) => isError)).toEqual([true, true, true, true]);
    for (const { text } of texts) expect(text).toContain('Input validation error');
  });

  it('a search or a list without an id says which ids there are', async () => {
    const { call } = await connect();

    for (const answer of [
      await call('search_memories', { query: 'tea' }),
      await call('list_memories', {}),
    ])
      expect(answer).toMatchObject({
        isError: true,
        text: 'One of user_id, agent_id, app_id, run_id is required. (invalid_request)',
      });
  });

  it('there are six tools, which say whether they change or delete something', async () => {
    const { client } = await connect();

    const { tools } = await client.listTools();

    expect(
      tools.map(({ name, annotations }) => [
        name,
        annotations?.readOnlyHint ?? false,
        annotations?.destructiveHint ?? false,
      ]),
    ).toEqual([
      ['add_memory', false, false],
      ['search_memories', true, false],
      ['list_memories', true, false],
      ['update_memory', false, true],
      ['delete_memory', false, true],
      ['get_event', true, false],
    ]);
    expect(JSON.stringify(tools).length / 4).toBeLessThan(2_000);
  });

  it('the error of a tool is that of the API', async () => {
    const { call } = await connect();
    const readOnly = await connect({ key: await service.keyOf('default', ['read']) });

    const unnamed = await call('add_memory', { text: 'I like tea.' });
    const unknown = await call('delete_memory', {
      memory_id: '01890000-0000-7000-8000-000000000000',
    });
    const forbidden = await readOnly.call('add_memory', { text: 'I like tea.', user_id: 'eve' });

    expect(unnamed).toMatchObject({ isError: true, text: expect.stringContaining('user_id') });
    expect(unknown).toMatchObject({
      isError: true,
      text: expect.stringContaining('memory_not_found'),
    });
    expect(forbidden).toMatchObject({ isError: true, text: expect.stringContaining('forbidden') });
  });

  it.each([
    ['no JSON-RPC', {}, 400],
    ['a batch', [{ jsonrpc: '2.0', id: 1, method: 'ping' }], 400],
    ['an unknown method', { jsonrpc: '2.0', id: 1, method: 'nothing' }, 200],
  ])('%s is answered with an error', async (_, body, status) => {
    const answer = await service.client('POST /mcp', { body });

    expect(answer.status).toBe(status);
    expect(answer.body.error ?? answer.body.message).toBeTruthy();
  });

  it('a request without a key is refused, and there is no stream to listen to', async () => {
    const anonymous = await service.app.request('http://service.test/mcp', {
      method: 'POST',
      body: '{}',
    });
    const stream = await service.client('GET /mcp');

    expect(anonymous.status).toBe(401);
    expect(stream.status).toBe(405);
  });
});
