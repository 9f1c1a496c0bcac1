import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  type Client,
  finalEvent,
  openService,
  say,
  type TestService,
} from '../support/in-memory-service.ts';

let service: TestService;
let client: Client;
beforeEach(async () => {
  service = await openService();
  client = await service.clientOf('default', ['read', 'write', 'admin']);
});
afterEach(() => service.close());

/** Record of that name in an export of one refined turn, to be restored by another project. */
const exportedRecord = async (name: string) => {
  const { body } = await client('POST /v1/turns', { body: say('I live in Oslo.', 'ana') });
  await finalEvent(client, body.event_id);
  const { body: text } = await client('GET /v1/export');
  const records: { [name: string]: object }[] = text
    .trim()
    .split('\n')
    .map((one: string) => JSON.parse(one));
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
