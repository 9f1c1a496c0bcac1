import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createLocalExtractor } from '../../../shared/adapters/local-extractor/local-extractor.ts';
import { finalEvent } from '../../support/in-memory-service.ts';
import { type MemoryService, openMemoryService } from '../../support/memory-service.ts';

const languageModel = createLocalExtractor();
afterAll(() => languageModel.close());

let service: MemoryService;
afterEach(() => service.close());

const sentence = (n: number) => `The gearbox number ${n} was inspected by the harbour office.`;
const report = (sentences: number) =>
  Array.from({ length: sentences }, (_, n) => sentence(n)).join(' ');

const saying = (text: string) => {
  const url = `data:text/plain;base64,${Buffer.from(text).toString('base64')}`;
  return [{ role: 'user', content: { type: 'txt_url', txt_url: { url, name: 'report.txt' } } }];
};

/** Adds a document. Returns the turn and the final event. */
const addDocument = async (text: string) => {
  const { turn, event } = await service.add(saying(text));
  return { turn, event: await finalEvent(service.client, event) };
};

const noopsOf = (event: { results: { event: string; reason?: string }[] }) =>
  event.results.flatMap((one) => (one.event === 'NONE' ? [one.reason] : []));

describe('a document without a language model', () => {
  it('a text in which the rules find no statement is kept in pieces, which a search finds', async () => {
    service = await openMemoryService({ languageModel });

    const { event } = await addDocument(report(60));
    const kept = (await service.listed()).map(({ memory }) => memory);

    expect(event.attachments).toEqual([{ part: 0, type: 'txt', status: 'read' }]);
    expect(kept.length).toBeGreaterThan(1);
    expect(Math.max(...kept.map(({ length }: string) => length))).toBeLessThan(1_550);
    expect(kept.toSorted()[0]).toMatch(/^\[txt report\.txt, part 1 of \d\]\nThe gearbox number 0/);
    for (let n = 0; n < 60; n++)
      expect(kept.some((text: string) => text.includes(sentence(n)))).toBe(true);
    expect((await service.textsFound('harbour gearbox number 42'))[0]).toContain(sentence(42));
  });

  it('pieces with a statement become memories of the statement', async () => {
    service = await openMemoryService({ languageModel });

    await addDocument('I live in Oslo.');

    expect((await service.listed()).map(({ memory }) => memory)).toEqual(['User lives in Oslo.']);
  });

  it('of a long document fifty pieces are kept, and the event says how many are left out', async () => {
    service = await openMemoryService({ languageModel });

    const { event } = await addDocument(report(1_500));
    const { length } = await service.listed({ page_size: 200 });

    expect(length).toBe(50);
    expect(noopsOf(event)).toEqual([
      expect.stringMatching(/^\d+ pieces of attachment 0 \(txt\) were left out, since 50 pieces/),
    ]);
    expect(event.attachments).toMatchObject([
      { part: 0, status: 'read', reason: expect.stringContaining('were left out') },
    ]);
  });

  it('pieces about topics that the request leaves out are not kept', async () => {
    service = await openMemoryService({ languageModel });

    const messages = saying('The kettle was inspected by the harbour office.');
    const { body } = await service.client('POST /v3/memories/add', {
      body: { user_id: 'alice', messages, excludes: 'kettle' },
    });
    const event = await finalEvent(service.client, body.event_id);

    expect(noopsOf(event)).toContain('left out as the request asks');
    expect(await service.listed()).toEqual([]);
  });

  it('pieces are erased with the message of their document', async () => {
    service = await openMemoryService({ languageModel });
    const { turn } = await addDocument(report(60));

    await service.remove(`${turn}.m0`);

    expect(await service.listed()).toEqual([]);
    expect(await service.textsFound('harbour gearbox')).toEqual([]);
  });
});
