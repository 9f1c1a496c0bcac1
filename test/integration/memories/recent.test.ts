import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createJumpClock, type JumpClock } from '../../support/jump-clock.ts';
import { type MemoryService, openMemoryService } from '../../support/memory-service.ts';

let clock: JumpClock;
let service: MemoryService;
beforeEach(async () => {
  clock = createJumpClock();
  service = await openMemoryService({ clock, refines: false });
});
afterEach(() => service.close());

/** Words that no turn has. */
const elsewhere = 'zeppelin volcano';

const verbatim = async (text: string): Promise<void> => {
  await service.client('POST /v3/memories/add', {
    body: { messages: [{ role: 'user', content: text }], user_id: 'alice', infer: false },
  });
};

describe('rough memories among the results', () => {
  it('a rough memory that answers is a result like any other, and not marked as recent', async () => {
    const { turn } = await service.add('I play the cello.');

    const [first] = await service.found('Who plays the cello?');

    expect(first).toMatchObject({ id: turn, type: 'rough', memory: 'user: I play the cello.' });
    expect(first).not.toHaveProperty('recent');
    expect(first.score).toBeGreaterThan(0.3);
  });

  it('a threshold of the caller holds for rough memories as well', async () => {
    const { turn } = await service.add('I play the cello.');

    const ids = async (query: string) =>
      (await service.found(query, { threshold: 0.1 })).map(({ id }) => id);

    expect(await ids('Who plays the cello?')).toEqual([turn]);
    expect(await ids(elsewhere)).toEqual([]);
  });

  it('the best message of a rough memory decides on its score', async () => {
    const { turn } = await service.add([
      { role: 'user', content: 'Good morning to all of you.' },
      { role: 'user', content: 'I play the cello.' },
    ]);

    const found = await service.found('Who plays the cello?', { threshold: 0.3 });

    expect(found.map(({ id }) => id)).toEqual([turn]);
  });
});

describe('places that are left over', () => {
  it('turns of the last minute fill them, last, newest first and marked as recent', async () => {
    const cello = await service.add('I play the cello.');
    const first = await service.add('Lunch is ready at noon for everyone in our office.');
    const second = await service.add('It rains on all of our tents and boats as usual.');

    const found = await service.found('Who plays the cello?');

    expect(found.map(({ id, recent }) => [id, recent])).toEqual([
      [cello.turn, undefined],
      [second.turn, true],
      [first.turn, true],
    ]);
  });

  it('top_k holds for them', async () => {
    const cello = await service.add('I play the cello.');
    await service.add('Good morning.');

    const found = await service.found('Who plays the cello?', { top_k: 1 });

    expect(found.map(({ id }) => id)).toEqual([cello.turn]);
  });

  it('after a minute only the run that the filter names fills them', async () => {
    const inRun = await service.add('Good morning.', { run_id: 'r1' });
    await service.add('It rains.', { run_id: 'r2' });
    clock.jump(61_000);

    const ofUser = await service.found(elsewhere);
    const ofRun = await service.found(elsewhere, {
      filters: { AND: [{ user_id: 'alice' }, { run_id: 'r1' }] },
    });

    expect(ofUser).toEqual([]);
    expect(ofRun).toMatchObject([{ id: inRun.turn, type: 'rough', recent: true }]);
  });

  it('no turn fills them where the caller set a threshold, zero included', async () => {
    await service.add('Good morning.');

    const strict = await service.found(elsewhere, { threshold: 0.1 });
    const open = await service.found(elsewhere, { threshold: 0 });

    expect(strict).toEqual([]);
    expect(open).toHaveLength(1);
    expect(open[0]).not.toHaveProperty('recent');
  });

  it('refined memories never fill them', async () => {
    service.refine();
    await verbatim('Good morning.');

    expect(await service.found(elsewhere)).toEqual([]);
  });

  it('include_messages: false keeps them', async () => {
    const { turn } = await service.add('Good morning.');

    const found = await service.found(elsewhere, { include_messages: false });

    expect(found).toMatchObject([{ id: turn, recent: true }]);
  });

  it('older routes mark them as well', async () => {
    const { turn } = await service.add('Good morning.');
    const ask = async (path: string, body: object) =>
      (await service.client(`POST ${path}`, { body: { query: elsewhere, ...body } })).body;

    const found = [
      await ask('/v2/memories/search', { filters: { user_id: 'alice' } }),
      await ask('/v1/memories/search', { user_id: 'alice' }),
    ];

    for (const results of found) expect(results).toMatchObject([{ id: turn, recent: true }]);
  });
});
