import { describe, expect, it } from 'vitest';
import { createWorkerHandler } from '../../../functions/worker/handler.ts';
import type { FullPlatform } from '../../../shared/ports/platform.ts';
import type { Hint } from '../../../shared/ports/queue.ts';
import { type CoreFixture, openCoreFixture, project } from '../../support/core-fixture.ts';

const users = ['ann', 'ben', 'cem'];

const takeAll = ({ hints }: CoreFixture): Hint[] => {
  const taken: Hint[] = [];
  for (let hint = hints.take(); hint; hint = hints.take()) taken.push(hint);
  return taken;
};

/** Handles hints in one batch, as a function does. Returns the positions of those that failed. */
const handleTogether = async (
  service: CoreFixture,
  hints: readonly Hint[],
  platform: FullPlatform = service.platform,
): Promise<number[]> => {
  const handle = createWorkerHandler({ ...platform, telemetry: { log: () => {} } });
  const Records = hints.map((hint, at) => ({ messageId: `${at}`, body: JSON.stringify(hint) }));
  const limits = {
    deadlineAt: service.clock.now() + 60_000,
    signal: new AbortController().signal,
  };
  const { batchItemFailures } = await handle({ Records }, limits);
  return batchItemFailures.map(({ itemIdentifier }) => Number(itemIdentifier));
};

/** A platform whose requests to the index are counted. */
const counting = ({ platform, index }: CoreFixture) => {
  const counts = { upsert: 0, areVisible: 0 };
  const vectorIndex: FullPlatform['vectorIndex'] = {
    ...index,
    upsert: (...asked) => {
      counts.upsert += 1;
      return index.upsert(...asked);
    },
    areVisible: (...asked) => {
      counts.areVisible += 1;
      return index.areVisible(...asked);
    },
  };
  return { counts, counted: { ...platform, vectorIndex } };
};

/** Turns of several users that were applied, and the hints that follow them, ten seconds later. */
const applied = async () => {
  const service = openCoreFixture();
  for (const user of users) await service.learn(`${user} lives in Lisbon.`, { user });
  await service.clock.advance(10_000);
  return { service, hints: takeAll(service).filter(({ kind }) => kind !== 'refine') };
};

const dueOf = (service: CoreFixture): boolean[] =>
  ['MEMORY', 'TURN'].flatMap((kind) =>
    service.rows(kind as 'MEMORY').map(({ item }) => 'dueAt' in item && !('expiresAt' in item)),
  );

describe('hints of a batch that keep the index', () => {
  it('what the refinements of a batch wrote is given to the index together', async () => {
    const service = openCoreFixture();
    const { counts, counted } = counting(service);
    for (const user of users) await service.add(`${user} lives in Lisbon.`, { user });

    const failed = await handleTogether(service, takeAll(service), counted);

    expect(failed).toEqual([]);
    // One request for the memories of all turns, one for their messages.
    expect(counts.upsert).toBe(2);
    expect(service.index.shown.size).toBe(6);
  });

  it('turns that name an agent are left to upkeep, which gives the entries of all to the index together', async () => {
    const service = openCoreFixture();
    const { counts, counted } = counting(service);
    for (const user of users)
      await service.add(`${user} lives in Lisbon.`, { user, agent: 'shared' });

    await handleTogether(service, takeAll(service), counted);
    const afterRefinement = counts.upsert;
    await handleTogether(service, takeAll(service), counted);
    const afterUpkeep = [counts.upsert, service.index.shown.size];
    for (const ms of [10_000, 60_000]) {
      await service.clock.advance(ms);
      await handleTogether(service, takeAll(service), counted);
    }

    expect(afterRefinement).toBe(0);
    expect(afterUpkeep).toEqual([2, 6]);
    expect(service.rows('RECENT')).toEqual([]);
    expect(dueOf(service)).toEqual(Array(6).fill(false));
  });

  it('an applied turn has one hint, which follows its memories, too', async () => {
    const { hints } = await applied();

    expect(hints).toHaveLength(users.length);
    for (const hint of hints)
      expect(hint).toMatchObject({ kind: 'finish', memories: [expect.any(String)] });
  });

  it('the index is asked once for the entries of all turns of a batch, and their direct reads end', async () => {
    const { service, hints } = await applied();
    const { counts, counted } = counting(service);

    await handleTogether(service, hints, counted);
    const waiting = dueOf(service);
    await service.clock.advance(60_000);
    const last = takeAll(service);
    await handleTogether(service, last, counted);

    expect(counts.areVisible).toBe(1);
    expect(waiting).toEqual(Array(6).fill(true));
    expect(last).toHaveLength(users.length);
    expect(service.rows('RECENT')).toEqual([]);
    expect(dueOf(service)).toEqual(Array(6).fill(false));
    expect(takeAll(service)).toEqual([]);
  });

  it('a turn that meets a bug fails alone, and the others of its batch go on', async () => {
    const { service, hints } = await applied();
    const [odd] = hints.flatMap((hint) => (hint.kind === 'finish' ? [hint.turn] : []));
    const broken: FullPlatform = {
      ...service.platform,
      store: {
        ...service.store,
        get: async (key) => {
          if (key.kind === 'TURN' && key.pk.endsWith(`#${odd}`)) throw new TypeError('a mistake');
          return service.store.get(key);
        },
      },
    };

    const failed = await handleTogether(service, hints, broken);
    await service.clock.advance(60_000);

    expect(failed).toEqual([0]);
    expect(takeAll(service)).toHaveLength(users.length - 1);
  });

  it('hints of the format before, one for a turn and one for its memories, end direct reads', async () => {
    const { service, hints } = await applied();
    const before = hints.flatMap((hint): Hint[] => {
      if (hint.kind !== 'finish') return [];
      const { memories = [], submission, ...turn } = hint;
      const [memory = ''] = memories;
      const one = { v: 1, kind: 'index', project, memory } as const;
      return [turn, submission ? { ...one, submission } : one];
    });

    await handleTogether(service, before);
    for (let check = 0; check < 3; check++) {
      await service.clock.advance(60_000);
      await handleTogether(service, takeAll(service));
    }

    expect(service.rows('RECENT')).toEqual([]);
  });

  it('a memory that changed after its turn was applied is followed by the hint of the change alone', async () => {
    const { service, hints } = await applied();
    const [first] = hints.flatMap((hint) => (hint.kind === 'finish' ? [hint] : []));
    const submission = first?.submission && { ...first.submission, versions: [7] };
    const older = hints.map((hint) =>
      hint === first && submission ? { ...hint, submission } : hint,
    );

    await handleTogether(service, older);
    await service.clock.advance(60_000);
    await handleTogether(service, takeAll(service));

    expect(dueOf(service).filter(Boolean)).toHaveLength(2);
  });
});
