import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalExtractor } from '../../shared/adapters/local-extractor/local-extractor.ts';
import {
  type Client,
  finalEvent,
  openService,
  say,
  type TestService,
} from '../support/in-memory-service.ts';
import { retryMeasurement, watchLoop } from '../support/loop-cpu.ts';

/** Limit on the CPU time, in ms, for which the main thread blocks its event loop. */
const limit = 50;
/** Limit while a request of the maximum size is accepted. */
const limitOfLarge = 100;

const times = (count: number, content: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => ({ role: 'user', content: content(at) }));

/** The given number of facts in as many messages as a request may have. */
const facts = (count: number, fact: (at: number) => string) =>
  times(500, (at) =>
    Array.from({ length: count / 500 }, (_, part) => fact((at * count) / 500 + part)).join(' '),
  );

const enumeration = (count: number): string =>
  Array.from({ length: count }, (_, at) => `Ab${at} ${at}${at % 50 === 49 ? '.' : ','}`).join(' ');

const extractor = createLocalExtractor();
const loop = watchLoop();
let service: TestService;
let client: Client;

beforeAll(async () => {
  await extractor.warm();
  service = await openService({ languageModel: extractor });
  client = service.client;
  // Compiles the code before the measurements.
  await add({ user_id: 'warm', messages: facts(4_000, (at) => `I like thing ${at}.`) });
  await searched();
});
afterAll(async () => {
  await service.close();
  await extractor.close();
  await loop.close();
});

const accepted = async (body: object): Promise<string> => {
  const answer = await client('POST /v3/memories/add', { body });
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  return answer.body.event_id;
};

const add = async (body: object) => finalEvent(client, await accepted(body));

const searched = async (): Promise<number> => {
  const body = { query: 'tea', filters: { user_id: 'bob' } };
  return (await client('POST /v3/memories/search', { body })).status;
};

const reasonsOf = (event: { results: { reason?: string }[] }): string[] =>
  event.results.flatMap(({ reason }) => (reason === undefined ? [] : [reason]));

const restIsVerbatim =
  /^only the beginning of a very long (?:message|turn) was read, the rest is stored/;

describe('a hostile turn', () => {
  it.each([
    ['commas between letters', { messages: times(4, () => `привет${','.repeat(19_000)}я`) }],
    ['a hint of marks', { ...say('I like tea.'), includes: `${'!'.repeat(1_900)}x` }],
    ['thousands of short facts', { messages: facts(4_500, (at) => `I like thing ${at}.`) }],
    [
      'hundreds of speakers',
      {
        messages: facts(3_000, (at) => `I like thing ${at}.`).map((message, at) => ({
          ...message,
          name: `Ann${at}`,
        })),
      },
    ],
    [
      'likes and dislikes in turn',
      {
        messages: facts(2_000, (at) => `I ${at % 2 ? 'like' : 'do not like'} thing ${at >> 1}.`),
      },
    ],
    [
      'marks on one letter',
      { messages: times(1, () => `I like a${'\u0323\u0301'.repeat(30_000)}`) },
    ],
    ['abbreviations', { messages: times(10, () => 'Dr. '.repeat(5_000)) }],
    [
      'one sentence of many facts',
      { messages: times(10, () => `I live ${'and live '.repeat(60)}.`) },
    ],
    ['an enumeration of names and numbers', { messages: times(1, () => enumeration(9_000)) }],
    ['a chat log of short rows', { messages: times(4, () => 'Al: xy zw 1 2\n'.repeat(1_500)) }],
  ])('a hostile turn succeeds and does not block other requests: %s', async (name, body) => {
    const measured = await retryMeasurement(
      async (round) => {
        loop.longest();
        const event = await accepted({ ...body, user_id: `${name} ${round}` });
        const accepting = loop.longest();
        const [ended, found] = await Promise.all([finalEvent(client, event), searched()]);
        expect(ended.status).toBe('SUCCEEDED');
        expect(found).toBe(200);
        if (/enumeration|log/.test(name))
          expect(reasonsOf(ended).join()).not.toContain('too long to');
        return { accepting, refining: loop.longest() };
      },
      ({ accepting, refining }) => accepting < limitOfLarge && refining < limit,
    );

    expect(measured.accepting).toBeLessThan(limitOfLarge);
    expect(measured.refining).toBeLessThan(limit);
  });

  it('a turn beyond the limits is read up to them, and the event says that the rest is stored verbatim', async () => {
    const messages = facts(3_000, (at) => `My number ${at} is ${at * 7}.`);

    const event = await add({ user_id: 'many', messages });

    expect(reasonsOf(event)).toContainEqual(expect.stringMatching(restIsVerbatim));
    const memories: string[] = event.results.map(({ memory }: { memory: string }) => memory ?? '');
    expect(memories.some((memory) => memory.includes('My number 2999 is 20993.'))).toBe(true);
  });
});

describe('a hostile memory', () => {
  it.each([
    ['spaces', `User likes tea 0${' '.repeat(49_000)}x`],
    ['parentheses', `User likes tea ${'('.repeat(49_000)}`],
    ['items', `User likes ${Array.from({ length: 6_000 }, (_, at) => `t${at}`).join(', ')}`],
  ])('a hostile memory does not block the turns of its user: %s', async (name, text) => {
    const longest = await retryMeasurement(
      async (round) => {
        const user = `${name} ${round}`;
        const first = await add({ ...say('User likes tea', user), infer: false });
        const id = first.results[0].id;
        expect((await client(`PUT /v1/memories/${id}`, { body: { text } })).status).toBe(200);
        loop.longest();

        const ended = await add(say('I like green tea and coffee.', user));

        expect(ended.status).toBe('SUCCEEDED');
        expect(reasonsOf(ended)).toContain('a very long memory was not compared');
        return loop.longest();
      },
      (ms) => ms < limit,
    );

    expect(longest).toBeLessThan(limit);
  });

  it('many hostile memories do not block searches', async () => {
    const words = Array.from(
      { length: 7_000 },
      (_, at) => `w${((at * 7_919) % 100_003).toString(36)}`,
    );
    const user = 'long';
    const messages = times(60, (at) => `User likes tea ${at}`);
    const first = await add({ user_id: user, infer: false, messages });
    for (const { id } of first.results)
      await client(`PUT /v1/memories/${id}`, { body: { text: words.join(' ').slice(0, 50_000) } });
    const body = { query: 'w1x5 tea', filters: { user_id: user }, top_k: 50 };
    await client('POST /v3/memories/search', { body });
    await new Promise((resolve) => setTimeout(resolve, 500));
    loop.longest();

    // Takes the minimum: a real block recurs each time, compilation and garbage collection do not.
    const blocks: number[] = [];
    for (let round = 0; round < 6; round++) {
      const { status } = await client('POST /v3/memories/search', { body });
      expect(status).toBe(200);
      blocks.push(loop.longest());
    }

    expect(Math.min(...blocks)).toBeLessThan(limit);
  });
});
