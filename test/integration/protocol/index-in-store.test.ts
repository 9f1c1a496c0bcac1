import { describe, expect, it } from 'vitest';
import { vectorId } from '../../../shared/domain/memory/vector-id.ts';
import { alice, type CoreFixture, openCoreFixture, textsOf } from '../../support/core-fixture.ts';
import {
  editMemory,
  indexDown,
  memoryItem,
  messageEntry,
  shownEntries,
} from '../../support/indexed-memories.ts';

describe('direct reads, with an index in the database of the store', () => {
  /** A process that knows where its index is. */
  const inStore = (service: CoreFixture) => ({
    ...service.platform,
    vectorIndex: { ...service.index, isInStore: true },
  });
  const due = (service: CoreFixture) =>
    service
      .rows()
      .flatMap(({ key: { kind }, item }) =>
        (kind === 'TURN' || kind === 'MEMORY') && item.dueAt !== undefined ? [kind] : [],
      );

  it('direct reads end with the refinement, and the vector is never on the item', async () => {
    const service = openCoreFixture();
    const { turn } = await service.add('I live in Lisbon.');
    await service.refine(alice, inStore(service));

    expect(service.rows('RECENT')).toEqual([]);
    expect(service.rows('LISTED_TURN').length).toBeGreaterThan(0);
    expect(due(service)).toEqual([]);
    expect(await memoryItem(service, turn)).not.toHaveProperty('vector');
    expect(textsOf(await service.search('Lisbon'))).toEqual(['Learnt: I live in Lisbon.']);
  });

  it('direct reads of an edit end once the older version has left the index, which a search under way may still know', async () => {
    const service = openCoreFixture();
    const [id = ''] = await service.learn('I live in Lisbon.');
    await service.settle();

    await editMemory(service, id, 'Lives in Porto.');
    await service.work(inStore(service));
    const early = [shownEntries(service).includes(vectorId(id, 1)), service.rows('RECENT').length];
    for (let check = 0; check < 2; check++) {
      await service.clock.advance(10_000);
      await service.work(inStore(service));
    }

    expect(early).toEqual([true, 2]);
    expect(service.rows('RECENT')).toEqual([]);
    expect(due(service)).toEqual([]);
    expect(shownEntries(service)).toEqual([vectorId(id, 2), messageEntry(id)].sort());
    expect(textsOf(await service.search('Porto'))).toEqual(['Lives in Porto.']);
  });

  it.each(['upsert', 'areVisible'] as const)(
    'direct reads go on after a failure of the index at %s, until a sweep',
    async (call) => {
      const service = openCoreFixture();
      const actor = inStore(service);
      const fail = async (): Promise<never> => {
        throw indexDown;
      };
      await service.add('I live in Lisbon.');
      await service.refine(alice, {
        ...actor,
        vectorIndex: { ...actor.vectorIndex, [call]: fail },
      });
      const early = [service.rows('RECENT').length, due(service)];
      const found = textsOf(await service.search('Lisbon'));

      await service.settle();

      expect(early).toEqual([2, ['MEMORY', 'TURN']]);
      expect(found).toEqual(['Learnt: I live in Lisbon.']);
      expect(service.rows('RECENT')).toEqual([]);
    },
  );

  it('direct reads of a turn that was kept word for word end, too', async () => {
    const service = openCoreFixture();
    await service.add('I live in Lisbon.', alice, { options: { infer: false } });

    await service.refine(alice, inStore(service));

    expect(service.rows('RECENT')).toEqual([]);
    expect(due(service)).toEqual([]);
    expect(textsOf(await service.search('Lisbon'))).toEqual(['I live in Lisbon.']);
  });
});
