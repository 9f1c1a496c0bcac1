import { afterAll, expect, it } from 'vitest';
import { openRetainedEvents } from '../../support/aws-model/retained-events.ts';

/** Events of the project, more than page numbers cover. Further ones make no difference to a page. */
const retained = 12_000;

const { service, read } = await openRetainedEvents(retained);
afterAll(() => service.close());

it('a page of 100 events without their texts costs at most 60 read units, however many are retained', async () => {
  const first = await read('/v1/events/?texts=false');
  const second = await read(first.next);

  expect(first).toMatchObject({ count: 500, next: expect.stringContaining('after=') });
  expect(second).toMatchObject({ count: 600 });
  for (const { results, units } of [first, second]) {
    expect(results).toHaveLength(100);
    expect(units).toBeLessThanOrEqual(60);
  }
});

it('a page of 100 events with their texts costs at most four read units for each, besides those of the list', async () => {
  const { results, units, requests } = await read('/v1/events/');

  expect(results).toHaveLength(100);
  expect(results[0]).toMatchObject({
    payload: { messages: [{ role: 'user' }] },
    results: [{ event: 'ADD' }],
  });
  expect(units).toBeLessThanOrEqual(460);
  expect(requests).toBeLessThanOrEqual(60);
});

it('next links lead through all events once, beyond those that page numbers cover', async () => {
  const seen = new Set<string>();
  let pages = 0;
  let dearest = 0;
  for (let path = '/v1/events/?texts=false&page_size=200'; path; pages++) {
    const { results, next, units } = await read(path);
    for (const { id } of results) seen.add(id);
    dearest = Math.max(dearest, units);
    path = next;
  }

  expect(pages).toBe(retained / 200);
  expect(seen.size).toBe(retained);
  expect(dearest).toBeLessThanOrEqual(120);
});

it('the pages before are found by their numbers', async () => {
  const first = await read('/v1/events/?texts=false&page_size=10');
  const { body } = await service.client(`GET ${first.next}`);

  expect(body.previous).toBe('/v1/events/?texts=false&page_size=10&page=1');
});

it('a filter that few events match reads the newest 10,000, each once', async () => {
  const { results, count, units } = await read('/v1/events/?status=FAILED&texts=false');

  expect([results, count]).toEqual([[], 0]);
  expect(units).toBeLessThanOrEqual(1_000);
});
