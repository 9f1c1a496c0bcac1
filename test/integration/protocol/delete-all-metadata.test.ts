import { describe, expect, it } from 'vitest';
import { deleteAll } from '../../../shared/core/erasure/delete-all.ts';
import { historyOf } from '../../../shared/core/memories/read-memories.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { maxCutoffs, maxMetadataValues } from '../../../shared/domain/memory/cutoff.ts';
import type { Metadata } from '../../../shared/domain/memory/turn.ts';
import { changesKey, scopeLeaseKey } from '../../../shared/domain/table/keys.ts';
import { begun } from '../../support/begun.ts';
import {
  alice,
  type CoreFixture,
  openCoreFixture,
  project,
  textsOf,
} from '../../support/core-fixture.ts';
import { eventOf } from '../../support/delete-all.ts';
import { rewriting } from '../../support/scripted-model.ts';

const trip = { source: 'trip' };
const forget = async (service: CoreFixture, metadata: Metadata) =>
  begun(await deleteAll(service.platform, project, alice, metadata));

/** Adds a turn of each source and refines it, then one of each that waits for another worker. Returns the ids of the refined ones. */
const prepare = async (service: CoreFixture) => {
  const sources = ['trip', 'home'];
  const ids: string[] = [];
  for (const source of sources) {
    const { turn } = await service.add(`A ${source} heron.`, alice, { metadata: { source } });
    await service.refine();
    ids.push(turn);
  }
  for (const source of sources)
    await service.add(`A late ${source} heron.`, alice, { metadata: { source } });
  const busy = { token: 'another', leaseUntil: service.clock.now() + 3_600_000 };
  const key = scopeLeaseKey(project, 'user#alice');
  await service.store.transact([{ op: 'put', key, item: busy }]);
  return { trip: ids[0] ?? '', home: ids[1] ?? '' };
};

const home = ['Learnt: A home heron.', 'user: A late home heron.'];

describe('a delete-all by metadata', () => {
  it('a delete-all by metadata hides matching memories, turns and messages at once, and no others', async () => {
    const service = openCoreFixture();
    await prepare(service);

    await forget(service, trip);

    expect(textsOf(await service.list())).toEqual(home);
    expect(textsOf(await service.search('heron')).join()).not.toContain('trip');
  });

  it('a delete-all by metadata leaves no word of what matches, and everything else', async () => {
    const service = openCoreFixture();
    await prepare(service);
    const { event } = await forget(service, trip);

    await service.work();
    await service.settle();

    expect(await eventOf(service, event)).toMatchObject({
      status: 'SUCCEEDED',
      counts: { memories: 1, turns: 1 },
    });
    expect(service.kindsSaying('trip heron')).toEqual([]);
    expect(textsOf(await service.list())).toEqual(home);
    for (let hour = 0; hour < 6; hour++) await service.pass(3_600_000);
    expect(service.rows('RECENT')).toEqual([]);
  });

  it('a delete-all by metadata that crashes at any call of the store is resumed with the same result', async () => {
    for (let at = 0; ; at++) {
      const service = openCoreFixture();
      await prepare(service);
      const { event } = await forget(service, trip);
      while (service.hints.take());
      let calls = 0;
      const dying = service.intercepted({
        before: (call) => {
          calls = call.at + 1;
          if (call.at >= at) throw new Error('crash');
        },
      });

      await service.perform({ v: 1, kind: 'job', project, job: event }, dying).catch(() => {});
      await service.pass(60_000);
      await service.settle();

      const ended = await eventOf(service, event);
      expect(ended, `crash at ${at}`).toMatchObject({ counts: { memories: 1, turns: 1 } });
      expect(service.kindsSaying('trip heron'), `crash at ${at}`).toEqual([]);
      expect(textsOf(await service.list())).toEqual(home);
      if (calls <= at) break;
    }
  });

  it('a delete-all by metadata leaves no word of a former text of a memory that stays', async () => {
    const service = openCoreFixture();
    const { turn } = await service.add('A trip heron.', alice, { metadata: trip });
    await service.refine();
    await updateMemory(service.platform, project, turn, { text: 'Learnt: A trip heron, edited.' });
    service.model.next(rewriting('heron', 'A stork nests by the mill.'));
    const replaced = await service.add('No heron, a stork.', alice, {
      metadata: { source: 'home' },
    });
    await service.refine();

    await forget(service, trip);
    await service.work();
    await service.settle();

    expect(service.kindsSaying('trip heron')).toEqual([]);
    expect(textsOf(await service.list())).toEqual(['A stork nests by the mill.']);
    expect(await historyOf(service.platform, project, turn)).toMatchObject([
      { type: 'SAID' },
      { type: 'ADD' },
      { type: 'UPDATE' },
      { type: 'UPDATE', newText: 'A stork nests by the mill.', metadata: { source: 'home' } },
    ]);
    expect(await service.store.get(changesKey(project, replaced.event))).toMatchObject({
      changes: [{ type: 'UPDATE', memory: turn, text: 'A stork nests by the mill.' }],
    });
  });

  it('a memory that got the metadata after the delete-all stays', async () => {
    const service = openCoreFixture();
    const ids = await prepare(service);
    await forget(service, trip);

    await updateMemory(service.platform, project, ids.home, { metadata: trip });
    await service.work();
    await service.settle();

    expect(textsOf(await service.list())).toEqual(home);
  });

  it('a memory that lost the metadata before the delete-all stays, found by searches all the time', async () => {
    const service = openCoreFixture();
    service.index.lag();
    const ids = await prepare(service);
    await updateMemory(service.platform, project, ids.trip, { metadata: { source: 'book' } });

    await forget(service, trip);
    await service.work();

    expect(textsOf(await service.search('trip heron'))).toContain('Learnt: A trip heron.');
  });

  it('delete-alls by metadata beyond the limit of an entity are rejected until one without metadata', async () => {
    const service = openCoreFixture({ maxJobs: 1_000 });
    for (let n = 0; n < maxMetadataValues / 4; n++) await forget(service, { n, at: [n, n] });

    const refused = await deleteAll(service.platform, project, alice, { n: 'one more' });
    const repeated = await deleteAll(service.platform, project, alice, { n: 1, at: [1, 1] });
    await deleteAll(service.platform, project, alice);
    const after = await deleteAll(service.platform, project, alice, { n: 'one more' });

    expect(refused).toEqual({ outcome: 'full', of: 'cutoffs', limit: maxCutoffs });
    expect([repeated.outcome, after.outcome]).toEqual(['begun', 'begun']);
  });
});
