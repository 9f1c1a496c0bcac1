import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Client,
  finalEvent,
  openService,
  say,
  type TestService,
} from '../support/in-memory-service.ts';
import { createScriptedModel, rewriting } from '../support/scripted-model.ts';

let service: TestService;
let model: ReturnType<typeof createScriptedModel>;
let client: Client;
beforeEach(async () => {
  model = createScriptedModel();
  service = await openService({ languageModel: model });
  client = await service.clientOf('default', ['read', 'write', 'admin']);
});
afterEach(() => service.close());

type Records = { [name: string]: { id?: string } }[];

/** Records of an export of these turns, refined one after the other, to be restored by another project. */
const exportedRecords = async (...texts: string[]): Promise<Records> => {
  for (const text of texts) {
    const { body } = await client('POST /v1/turns', { body: say(text, 'ana') });
    await finalEvent(client, body.event_id);
  }
  const { body } = await client('GET /v1/export');
  return body
    .trim()
    .split('\n')
    .map((one: string) => JSON.parse(one));
};

const exportedRecord = async (name: string) => {
  const records = await exportedRecords('I live in Oslo.');
  return records.find((record) => name in record)?.[name] ?? {};
};

const outcomesIn = async (body: object): Promise<string[]> => {
  const other = await service.clientOf('other', ['read', 'write', 'admin']);
  const answer = await other('POST /v1/import', { body });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body.outcomes;
};

it('a memory whose last write is in the future is refused, since no later turn could change it', async () => {
  const memory = await exportedRecord('memory');
  const lastWrite = 'ffffffff-ffff-7000-8000-000000000000';

  expect(await outcomesIn({ records: [{ memory: { ...memory, lastWrite } }] })).toEqual([
    'refused',
  ]);
  expect(await outcomesIn({ records: [{ memory }] })).toEqual(['restored']);
});

it('a pending turn without its event is refused, since no event would ever end', async () => {
  const turn = await exportedRecord('turn');

  expect(await outcomesIn({ records: [{ turn: { ...turn, state: 'pending' } }] })).toEqual([
    'refused',
  ]);
});

describe('a former text of a memory', () => {
  let id: string;
  let memory: Records;
  let former: Records;
  beforeEach(async () => {
    model.next(
      rewriting('nothing', 'Ana lives in Oslo.'),
      rewriting('Oslo', 'Ana lives in Bergen.'),
    );
    const records = await exportedRecords('I live in Oslo.', 'I moved from Oslo to Bergen.');
    const ids = records.flatMap((record) => record['memory']?.id ?? []);
    [id = ''] = ids;
    expect(ids).toEqual([id, `${id}.v1`]);
    former = records.filter((record) => record['memory']?.id === `${id}.v1`);
    memory = records.filter((record) => 'revision' in record || record['memory']?.id === id);
  });

  it('is not restored after its memory was deleted, also where it never was', async () => {
    const other = await service.clientOf('other', ['read', 'write', 'admin']);
    await outcomesIn({ records: memory.slice(0, 1) });
    await other(`DELETE /v1/memories/${id}`);

    expect(await outcomesIn({ records: former })).toEqual(['deleted']);
  });

  it('is restored before its memory, with an empty history, and goes with the memory', async () => {
    const other = await service.clientOf('other', ['read', 'write', 'admin']);
    expect(await outcomesIn({ records: former })).toEqual(['restored']);
    const history = await other(`GET /v1/memories/${id}.v1/history`);
    expect([history.status, history.body]).toEqual([200, []]);

    expect(await outcomesIn({ records: memory })).not.toContain('refused');
    await other(`DELETE /v1/memories/${id}`);

    await expect
      .poll(async () => (await other(`GET /v1/memories/${id}.v1`)).status, { timeout: 5_000 })
      .toBe(404);
  });
});

it('a history without its memory stays deleted', async () => {
  const revision = await exportedRecord('revision');

  expect(await outcomesIn({ records: [{ revision }] })).toEqual(['deleted']);
});

it('an event that the service would not keep any more is expired', async () => {
  const event = await exportedRecord('event');
  const old = { ...event, completedAt: 1_700_000_000_000 };

  expect(await outcomesIn({ records: [{ event: old }] })).toEqual(['expired']);
});

it('an endpoint whose URL was masked is refused', async () => {
  const endpoint = {
    ...{ id: `whe_${'0'.repeat(32)}`, name: '', description: '', url: 'https://example.com/***' },
    ...{ eventTypes: ['*'], filters: {}, maxInFlight: 8, ordered: false, status: 'active' },
    ...{ createdAt: 1, updatedAt: 1 },
  };

  expect(await outcomesIn({ records: [{ endpoint }] })).toEqual(['refused']);
});

it('a file is stored under the digest of its bytes alone', async () => {
  const turn = '01a22ae4-0a29-7000-af05-8556d2bc8f1d';
  const bytes = Buffer.from('I moved to Bergen.');
  const digest = createHash('sha256').update(bytes).digest('hex');
  const file = { turn, digest, of_turn: [digest], content: bytes.toString('base64') };
  const other = { ...file, content: Buffer.from('Something else.').toString('base64') };

  expect(await outcomesIn({ file: [file, other] })).toEqual(['restored', 'refused']);
});

it.each([
  ['EVENT', 'zzz'],
  ['EVENT', '['.repeat(3_000)],
  ['LISTED', 'REV#1'],
  ['LISTED', '\ud83d'.repeat(10)],
])('a cursor of an export that a client made up is refused, in %s', async (kind, cursor) => {
  const { body } = await client('GET /v1/ping');
  const month = new Date().toISOString().slice(0, 7);
  const pk = {
    EVENT: `P#${body.project_id}#EVENT#${month}#0`,
    LISTED: `X#${body.project_id}#project#*#0`,
  };
  const position = { place: `${kind} ${pk[kind as keyof typeof pk]}`, cursor };
  const after = Buffer.from(JSON.stringify(position)).toString('base64url');

  const answer = await client(`GET /v1/export?after=${after}`);

  expect([answer.status, answer.body.field]).toEqual([400, 'after']);
});
