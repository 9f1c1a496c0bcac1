import { describe, expect, it } from 'vitest';
import { type ExportPosition, readExportPage } from '../../../shared/core/archive/export-page.ts';
import { getEvent } from '../../../shared/core/events.ts';
import { hints } from '../../../shared/core/hints.ts';
import { searchMemories } from '../../../shared/core/retrieval/search.ts';
import { messageId } from '../../../shared/domain/memory/derived-ids.ts';
import { vectorId } from '../../../shared/domain/memory/vector-id.ts';
import { turnKey } from '../../../shared/domain/table/keys.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import {
  alice,
  type CoreFixture,
  openCoreFixture,
  project,
  textsOf,
} from '../../support/core-fixture.ts';
import {
  editMemory,
  indexDown,
  memoryItem,
  messageEntry,
  shownEntries,
} from '../../support/indexed-memories.ts';
import { failing } from '../../support/scripted-model.ts';

describe('direct reads', () => {
  const pointers = (service: CoreFixture) => service.rows('RECENT').length;

  it('direct reads end 60 s after the index was seen to have the memories', async () => {
    const service = openCoreFixture();
    const [id = ''] = await service.learn('I live in Lisbon.');

    await service.pass(59_000);
    const early = pointers(service);
    await service.pass(2_000);
    await service.pass(60_000);

    expect(early).toBe(2);
    expect(pointers(service)).toBe(0);
    expect(await memoryItem(service, id)).not.toHaveProperty('dueAt');
    expect(textsOf(await service.search('Lisbon'))).toEqual(['Learnt: I live in Lisbon.']);
  });

  it('direct reads end for a turn with a system message, which is not indexed', async () => {
    const service = openCoreFixture();
    const { turn } = await service.add('', alice, {
      messages: [
        { role: 'system', content: 'Answer in Portuguese.' },
        { role: 'user', content: 'I live in Lisbon.' },
      ],
    });
    await service.refine();

    await service.settle();

    expect(pointers(service)).toBe(0);
    expect(await service.store.get(turnKey(project, turn))).not.toHaveProperty('dueAt');
  });

  it('direct reads go on while the index lags, so that every search finds what was applied', async () => {
    const service = openCoreFixture();
    service.index.lag();
    const { event } = await service.add('I live in Lisbon.');
    await service.refine();

    for (let hour = 0; hour < 24; hour++) {
      await service.pass(3_600_000);
      expect(textsOf(await service.search('Lisbon'))).toEqual(['Learnt: I live in Lisbon.']);
    }

    expect((await getEvent(service.platform, project, event))?.status).toBe('SUCCEEDED');
    expect(shownEntries(service)).toEqual([]);
    expect(pointers(service)).toBe(2);
  });

  it('direct reads end 60 s after a lagging index has caught up', async () => {
    const service = openCoreFixture();
    service.index.lag();
    await service.learn('I live in Lisbon.');
    await service.pass(600_000);

    await service.index.catchUp();
    await service.pass(0);
    await service.pass(30_000);
    const soon = pointers(service);
    await service.settle();

    expect(soon).toBe(2);
    expect(pointers(service)).toBe(0);
    expect(textsOf(await service.search('Lisbon'))).toEqual(['Learnt: I live in Lisbon.']);
  });

  it('direct reads start again with an edit, and end again', async () => {
    const service = openCoreFixture();
    const [id = ''] = await service.learn('I live in Lisbon.');
    await service.settle();
    service.index.lag();

    await editMemory(service, id, 'Lives in Porto.');
    await service.pass(600_000);
    const lagging = textsOf(await service.search('Porto'));
    await service.index.catchUp();
    await service.settle();

    expect(lagging).toEqual(['Lives in Porto.']);
    expect(pointers(service)).toBe(0);
    expect(textsOf(await service.search('Porto'))).toEqual(['Lives in Porto.']);
  });

  it('direct reads of a turn go on until all of its memories are indexed', async () => {
    const service = openCoreFixture();
    const [id = ''] = await service.learn('I live in Lisbon.');
    await service.clock.advance(58_000);
    service.index.lag();
    await editMemory(service, id, 'Lives in Porto.');

    await service.pass(5_000);

    expect(service.rows('RECENT').filter(({ item }) => 'turn' in item)).toHaveLength(2);
  });
});

describe('a turn that stays rough for long', () => {
  it('a turn that stays rough for long is indexed, and found beyond the newest 500 pointers', async () => {
    const service = openCoreFixture({ refineSchedule: [3_600] });
    service.model.always(failing(indexDown));
    const { turn } = await service.add('The heron nests by the old mill.');
    await service.refine();
    await service.pass(300_000);
    const indexed = shownEntries(service);

    for (let n = 0; n < 500; n++) await service.add(`Something else, number ${n}.`);
    const found = await service.search('Where does the heron nest?');

    expect(indexed).toEqual([messageEntry(turn)]);
    expect(textsOf(found)).toContain('user: The heron nests by the old mill.');
    expect(await service.store.get(turnKey(project, turn))).toMatchObject({
      index: { revision: 0, count: 1 },
    });
  });

  it('a turn that was indexed while rough is found as the source of its memory once refined', async () => {
    const service = openCoreFixture({ refineSchedule: [3_600] });
    service.model.next(failing(indexDown));
    const { turn } = await service.add('The heron nests by the old mill.');
    await service.refine();
    await service.pass(300_000);
    const before = shownEntries(service);

    await service.pass(3_600_000);
    const found = await service.search('heron');
    await service.settle();

    expect(before).toEqual([messageEntry(turn)]);
    expect(textsOf(found)).toEqual(['Learnt: The heron nests by the old mill.']);
    expect(found[0]?.source).toEqual({
      id: messageId(turn, 0),
      text: 'The heron nests by the old mill.',
    });
    expect(shownEntries(service)).toContain(messageEntry(turn));
  });

  it('a turn that is corrected while its messages are indexed is indexed again', async () => {
    const service = openCoreFixture({ refineSchedule: [3_600] });
    service.model.always(failing(indexDown));
    const { turn } = await service.add('The heron nests by the old mill.');
    await service.refine();
    await service.clock.advance(300_000);
    let isCorrected = false;
    const vectorIndex = {
      ...service.index,
      upsert: async (...[of, entries]: Parameters<typeof service.index.upsert>) => {
        if (!isCorrected) await editMemory(service, turn, 'The stork nests by the new mill.');
        isCorrected = true;
        await service.index.upsert(of, entries);
      },
    };

    await service.perform(hints.finish(project, turn), { ...service.platform, vectorIndex });
    await service.pass(0);

    expect(shownEntries(service)).toEqual([vectorId(messageId(turn, 0), 2)]);
    expect(await service.store.get(turnKey(project, turn))).not.toHaveProperty('dueAt');
  });

  it('a search without messages asks the index for messages only beyond the newest 500 pointers', async () => {
    const service = openCoreFixture();
    await service.learn('I live in Lisbon.');
    const asked: (readonly string[])[] = [];
    const query: typeof service.index.query = (request) => {
      asked.push(request.classes);
      return service.index.query(request);
    };
    const actor = { ...service.platform, vectorIndex: { ...service.index, query } };
    const search = () =>
      searchMemories(actor, project, {
        query: 'Lisbon',
        filter: { entity: 'user', is: 'alice' },
        topK: 10,
        threshold: 0,
        fills: true,
        includeMessages: false,
      });

    await search();
    for (let n = 0; n < 500; n++) await service.add(`Something else, number ${n}.`);
    await search();

    expect(asked).toEqual([['memory'], ['memory', 'message']]);
  });

  it('a failed turn is indexed at once and stays searchable', async () => {
    const service = openCoreFixture({ refineSchedule: [] });
    service.model.always(failing(indexDown));
    const { turn } = await service.add('The heron nests by the old mill.');

    await service.refine();
    await service.work();

    expect(shownEntries(service)).toEqual([messageEntry(turn)]);
    expect(await service.search('heron')).toMatchObject([{ id: turn, turnState: 'failed' }]);
  });
});

describe('an export while direct reads end', () => {
  /** Ids of the turns of an export by one request, or by one for each page. */
  const turnsOf = async (platform: Platform, isOneRequest: boolean): Promise<string[]> => {
    const turns: string[] = [];
    const seen = new Set<string>();
    let after: ExportPosition | undefined;
    do {
      const known = isOneRequest ? seen : new Set<string>();
      const asked = { showsUrls: false };
      const page = await readExportPage(platform, project, asked, after, known);
      turns.push(...(page?.records ?? []).flatMap((record) => JSON.parse(record).turn?.id ?? []));
      after = page?.next;
    } while (after);
    return turns;
  };

  /** A service with two turns, and a platform on which direct reads end once an export looks for turns that are listed. */
  const ending = async () => {
    const service = openCoreFixture();
    const { turn } = await service.add('I live in Lisbon.');
    const { turn: other } = await service.add('I have a dog.');
    await service.refine();
    const { store } = service;
    let isOver = false;
    const platform: Platform = {
      ...service.platform,
      store: {
        ...store,
        query: async (range) => {
          if (range.kind === 'LISTED_TURN' && !isOver) {
            isOver = true;
            await service.settle();
          }
          return store.query(range);
        },
      },
    };
    return { service, platform, turns: [turn, other] };
  };

  it('one request has each turn once', async () => {
    const { service, platform, turns } = await ending();

    const exported = await service.until(turnsOf(platform, true));

    expect(service.rows('RECENT')).toEqual([]);
    expect(exported.toSorted()).toEqual(turns);
  });

  it('several requests have each turn once or twice', async () => {
    const { service, platform, turns } = await ending();

    const exported = await service.until(turnsOf(platform, false));

    expect([...new Set(exported)].toSorted()).toEqual(turns);
  });
});
