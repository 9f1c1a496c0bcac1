import { afterAll, expect, it } from 'vitest';
import { noteErasure } from '../../../shared/core/note-erasure.ts';
import { openRetainedEvents } from '../../support/aws-model/retained-events.ts';

/** Events of the project, more than page numbers cover. Further ones make no difference to a page. */
const retained = 12_000;

// The events before the copied ones are of long turns, or were written before there were copies.
const { service, project, read } = await openRetainedEvents({ retained, copied: 100 });
afterAll(() => service.close());

it('a page of 100 events without their texts costs at most 60 read units, however many are retained', async () => {
  const first = await read('/v1/events/?texts=false');
  const second = await read(first.next);

  expect(first).toMatchObject({ count: 300, next: expect.stringContaining('after=') });
  expect(second).toMatchObject({ count: 400 });
  for (const { results, units } of [first, second]) {
    expect(results).toHaveLength(100);
    expect(units).toBeLessThanOrEqual(60);
  }
});

it('a page of 100 refined turns of one or two memories costs at most 60 read units with their texts', async () => {
  const { results, units, requests } = await read('/v1/events/');

  expect(results).toHaveLength(100);
  expect(results[0]).toMatchObject({
    payload: { messages: [{ role: 'user' }], user_id: expect.any(String) },
    results: [
      { event: 'ADD', memory: expect.stringMatching(/^I moved/) },
      { event: 'ADD', memory: expect.stringMatching(/^I moved/) },
    ],
  });
  expect(results.every(({ payload }: { payload: object | null }) => payload)).toBe(true);
  expect(units).toBeLessThanOrEqual(60);
  expect(requests).toBeLessThanOrEqual(40);
});

it('a page of 100 events without copies costs at most five read units for each, besides those of the list', async () => {
  const { next } = await read('/v1/events/?texts=false');
  const { results, units, requests } = await read(next.replace('texts=false', 'texts=true'));

  expect(results).toHaveLength(100);
  expect(results[0]).toMatchObject({
    payload: { messages: [{}] },
    results: [{ event: 'ADD' }, {}],
  });
  expect(units).toBeLessThanOrEqual(560);
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

// The clock of these tests stands still, so that the note of an erasure stays: last of all.
it('right after an erasure a page reads no copies, and shows the same texts at five read units for each event', async () => {
  const before = await read('/v1/events/');
  await noteErasure(service.platform, project);

  const { results, units } = await read('/v1/events/');

  expect(results).toEqual(before.results);
  expect(units).toBeGreaterThan(60);
  expect(units).toBeLessThanOrEqual(560);
});
