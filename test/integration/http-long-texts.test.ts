import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countTerms } from '../../shared/domain/memory/analyzer.ts';
import { openService, say, type TestService } from '../support/in-memory-service.ts';

let service: TestService;
beforeAll(async () => {
  service = await openService();
});
afterAll(() => service.close());

/** Numbered sentences of about the given length, and a last word. */
const prose = (length: number, last: string): string => {
  const sentences = Array.from(
    { length: length / 40 },
    (_, at) => `Quick fox ${at} jumps over lazy dogs.`,
  );
  return `${sentences.join(' ')} ${last}.`;
};
const add = async (user: string, content: string, options: object = {}) =>
  service.client('POST /v3/memories/add/', {
    body: { ...say(content, user), infer: false, ...options },
  });
const search = async (user: string, query: string) => {
  const body = { query, filters: { user_id: user } };
  return (await service.client('POST /v3/memories/search/', { body })).body.results;
};

describe('a long text that is kept word for word', () => {
  it('a text of 60 kB is one memory, found by the word at its end', async () => {
    const text = prose(60_000, 'zanzibar');

    const { body } = await add('long', text);

    expect(body.results).toMatchObject([{ event: 'ADD', memory: text }]);
    expect(await search('long', 'zanzibar')).toMatchObject([
      { id: body.results[0].id, memory: text, type: 'refined' },
    ]);
  });

  it('a word at the end of a long text is found among many short ones, without a threshold of the request', async () => {
    const { body } = await add('among', prose(60_000, 'kashgar'));
    for (let at = 0; at < 60; at++) await add('among', `Short note number ${at}.`);

    expect((await search('among', 'kashgar'))[0]).toMatchObject({ id: body.results[0].id });
  });

  it('the index has the word at its end as well', async () => {
    const { body } = await add('indexed', prose(60_000, 'timbuktu'));
    const { body: ping } = await service.client('GET /v1/ping');
    const [term = ''] = Object.keys(countTerms('timbuktu'));

    const found = () =>
      service.platform.vectorIndex.query({
        project: ping.project_id,
        partitions: [{ kind: 'user', id: 'indexed' }],
        terms: [term],
        classes: ['memory'],
        limit: 10,
      });

    await expect.poll(async () => (await found()).hits.length).toBe(1);
    expect((await found()).hits[0]?.id).toMatch(body.results[0].id);
  });

  it('a deduced memory of 40,000 characters is one memory', async () => {
    const text = prose(40_000, 'samarkand');

    const { body } = await add('deduced', 'x', { deduced_memories: [text] });

    expect(body.results).toMatchObject([{ memory: text }]);
  });

  it('a text of more than 64 kB becomes several memories, which together are the text', async () => {
    const text = prose(100_000, 'lhasa');

    const { body } = await add('longer', text);

    const texts = body.results.map(({ memory }: { memory: string }) => memory);
    expect(texts.length).toBeGreaterThan(10);
    expect(texts.join(' ').replaceAll(/\s+/g, ' ')).toBe(text);
  });

  it('the largest turn of long texts is kept', async () => {
    const messages = ['a', 'b', 'c', 'd'].map((name) => ({
      role: 'user',
      content: prose(60_000, name),
    }));

    const { body } = await add('four', 'x', { messages });

    expect(body.results).toHaveLength(4);
  });
});
