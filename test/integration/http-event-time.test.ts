import { afterEach, describe, expect, it } from 'vitest';
import { createLocalExtractor } from '../../shared/adapters/local-extractor/local-extractor.ts';
import { createOpenAiLanguageModel } from '../../shared/adapters/openai/language-model.ts';
import { finalEvent } from '../support/in-memory-service.ts';
import { type MemoryService, openMemoryService } from '../support/memory-service.ts';
import { type OpenAiServer, startOpenAiServer } from '../support/openai-server.ts';
import { payloadOf } from '../support/webhook-receiver.ts';
import { openWebhookService, type WebhookService } from '../support/webhook-service.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const said = { timestamp: '2026-11-28T12:00:00Z' };

const openWithModel = async (): Promise<{ server: OpenAiServer; service: MemoryService }> => {
  const server = await startOpenAiServer();
  const languageModel = createOpenAiLanguageModel({ baseUrl: server.url, model: 'gpt-test' });
  const service = await openMemoryService({ languageModel });
  closing.push(service.close, server.close);
  return { server, service };
};

const none = { turn: 1, op: 'ADD', target: null, date: null, message: 1, reason: null };
const answer = (...changes: object[]) => ({
  content: JSON.stringify({ changes: changes.map((change) => ({ ...none, ...change })) }),
});

describe('the date of what a memory says', () => {
  it('is what the model says, apart from the time of the message, in lists, lookups and searches', async () => {
    const { server, service } = await openWithModel();
    server.chatNext(answer({ text: 'User adopted a cat the day before.', date: '2026-11-27' }));
    const id = await service.learn('I adopted a cat yesterday.', said);

    const [listed] = await service.listed();
    const found = await service.found('adopted cat');

    expect(listed).toMatchObject({
      occurs_on: '2026-11-27',
      created_at: '2026-11-28T12:00:00.000Z',
    });
    expect((await service.get(id)).body.occurs_on).toBe('2026-11-27');
    expect(found.find(({ type }) => type === 'refined')?.occurs_on).toBe('2026-11-27');
  });

  it.each([
    ['a month', '2026-03', '2026-03'],
    ['a year', '2026', '2026'],
    ['a day with a time', '2026-03-02T09:00:00Z', '2026-03-02'],
  ])('may be %s', async (_, date, expected) => {
    const { server, service } = await openWithModel();
    server.chatNext(answer({ text: 'User adopted a cat.', date }));
    await service.learn('I adopted a cat a while ago.', said);

    expect((await service.listed())[0]?.occurs_on).toBe(expected);
  });

  it.each([
    ['no date', 'yesterday'],
    ['no day of the calendar', '2026-02-31'],
    ['nothing', null],
  ])('is absent where the model names %s', async (_, date) => {
    const { server, service } = await openWithModel();
    server.chatNext(answer({ text: 'User adopted a cat.', date }));
    await service.learn('I adopted a cat.', said);

    expect((await service.listed())[0]).not.toHaveProperty('occurs_on');
  });

  it.each([
    [undefined, 'says that there is none', { date: null }],
    ['2026-05-03', 'says nothing of it', { date: undefined }],
    ['2026-05-03', 'names what is no date', { date: 'soon' }],
  ])('of a text with a date is %s where the model %s', async (expected, _, dated) => {
    const { server, service } = await openWithModel();
    server.chatNext(answer({ text: 'User runs each week since 3 May 2026.', ...dated }));
    await service.learn('I have run each week since 3 May 2026.', said);

    expect((await service.listed())[0]?.occurs_on).toBe(expected);
  });

  it('goes with its text: an update has its own, the former version keeps the former one', async () => {
    const { server, service } = await openWithModel();
    server.chatNext(answer({ text: 'User flies to Rome on 2026-12-01.', date: '2026-12-01' }));
    await service.learn('I fly to Rome on Tuesday.', said);
    server.chatNext(
      answer({
        op: 'UPDATE',
        target: 'M1',
        text: 'User flies to Rome on 2026-12-04.',
        date: '2026-12-04',
      }),
    );
    const id = (await service.listed())[0]?.id;
    await service.learn('They moved my flight to Rome to Friday.', said);

    const former = (await service.get(`${id}.v1`)).body;
    const current = (await service.get(id)).body;
    await service.put(id, { text: 'User flies to Rome soon.' });
    const edited = (await service.get(id)).body;
    await service.put(id, { text: 'User flies to Rome on 9 December 2026.' });

    expect([former.occurs_on, current.occurs_on]).toEqual(['2026-12-01', '2026-12-04']);
    expect(edited).not.toHaveProperty('occurs_on');
    expect((await service.get(id)).body.occurs_on).toBe('2026-12-09');
  });

  it('is found by rules as well, but not in what is kept word for word', async () => {
    const rules = createLocalExtractor();
    const service = await openMemoryService({ languageModel: rules });
    closing.push(service.close, rules.close);
    const learn = async (content: string): Promise<void> => {
      const { event } = await service.add(content, said);
      // The first turn waits for the rules to be loaded, which a busy machine does slowly.
      for (let tries = 0; tries < 6; tries++)
        if ((await finalEvent(service.client, event)).status === 'SUCCEEDED') return;
    };
    await learn('I met Anna yesterday.');
    await learn('I run on Tuesdays.');
    await service.learn('I met Ben on 3 May 2026.', { ...said, infer: false });

    const dates = (await service.listed()).map(({ memory, occurs_on }) => [memory, occurs_on]);

    expect(dates).toEqual([
      ['I met Ben on 3 May 2026.', undefined],
      [expect.stringContaining('Tuesdays'), undefined],
      ['User met Anna on 27 November 2026.', '2026-11-27'],
    ]);
  });
});

describe('a filter by the date of what a memory says', () => {
  it.each<[object | string, string[]]>([
    ['2026-12-01', ['day']],
    ['*', ['year', 'month', 'day']],
    [{ gte: '2026-12-01' }, ['year', 'day']],
    [{ gt: '2026-11-01', lte: '2026-12-31' }, ['day']],
    [{ lt: '2026-12-01' }, ['month']],
    [{ ne: '2026-12-01' }, ['none', 'year', 'month']],
    [{ in: ['2026-11-01', '2027-01-01'] }, ['year', 'month']],
    ['2026-11', ['month']],
    [{ gt: '2026-11', lt: '2027' }, ['day']],
    [{ in: ['2026-11', '2027'] }, ['year', 'month']],
  ])('%j matches %j in lists and searches', async (occurs_on, expected) => {
    const { server, service } = await openWithModel();
    const dates = { day: '2026-12-01', month: '2026-11', year: '2027', none: null };
    for (const [name, date] of Object.entries(dates)) {
      server.chatNext(answer({ text: `User travels, ${name}.`, date }));
      await service.learn(`I travel, ${name}.`, said);
    }
    const filters = { AND: [{ user_id: 'alice' }, { occurs_on }] };
    const namesIn = (results: { memory: string }[]): string[] =>
      results.map(({ memory }) => /, (\w+)/.exec(memory)?.[1] ?? memory).sort();

    const listed = await service.listed({ filters });
    const found = await service.found('travels', { filters, threshold: 0, top_k: 20 });

    expect(namesIn(listed)).toEqual(expected.toSorted());
    expect(namesIn(found.filter(({ type }) => type === 'refined'))).toEqual(expected.toSorted());
  });

  it.each(['2026-13-01', '2026-13', '26', 2026])('refuses %j, which is no date', async (gte) => {
    const { service } = await openWithModel();
    const filters = { user_id: 'alice', occurs_on: { gte } };

    const { status, body } = await service.client('POST /v3/memories', { body: { filters } });

    expect([status, body.field]).toEqual([400, 'filters.occurs_on']);
  });
});

describe('the date of what a memory says, in what leaves the service', () => {
  const open = async (): Promise<WebhookService> => {
    const rules = createLocalExtractor();
    const service = await openWebhookService({ languageModel: rules });
    closing.push(service.close, rules.close);
    return service;
  };
  const add = (service: WebhookService, content: string) =>
    service.client('POST /v1/turns', {
      body: { user_id: 'alice', messages: [{ role: 'user', content }], ...said },
    });

  it('webhooks have it beside the new text, and an archive restores it', async () => {
    const from = await open();
    await from.register({ event_types: ['memory_add'] });
    await add(from, 'I met Anna yesterday.');
    const [sent] = await from.receiver.arrive(1);
    const client = await from.clientOf(undefined, ['read', 'write', 'admin']);
    const archive: string = (await client('GET /v1/export?format=jsonl')).body;
    const records = archive
      .trimEnd()
      .split('\n')
      .map((record) => JSON.parse(record))
      .filter((record) => !('archive' in record) && !('end' in record) && !('endpoint' in record));
    const to = await open();
    const target = await to.clientOf(undefined, ['read', 'write', 'admin']);
    const restored = await target('POST /v1/import', { body: { records } });
    const { body } = await target('POST /v3/memories', {
      body: { filters: { user_id: 'alice' } },
    });
    const bad = records.map((record) =>
      record.memory ? { memory: { ...record.memory, occursOn: '2026-02-31' } } : record,
    );

    expect(sent && payloadOf(sent).data).toMatchObject({
      new_text: 'User met Anna on 27 November 2026.',
      occurs_on: '2026-11-27',
    });
    expect(restored.status).toBe(200);
    expect(body.results).toMatchObject([{ occurs_on: '2026-11-27' }]);
    expect((await target('POST /v1/import', { body: { records: bad } })).status).toBe(400);
  });
});
