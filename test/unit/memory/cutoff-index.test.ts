import { describe, expect, it } from 'vitest';
import { deletedBy } from '../../../shared/core/cutoffs.ts';
import { cutOffBy } from '../../../shared/domain/memory/cutoff-index.ts';
import {
  type AnyKind,
  allKinds,
  allNamed,
  anyId,
  type Entities,
  entitiesOf,
  entityKey,
  hasAllEntities,
} from '../../../shared/domain/memory/entities.ts';

/** Seeded pseudo-random numbers. */
const numbers = (seed: number) => (below: number) => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
};

const next = numbers(7);
const pick = (ids: readonly (string | undefined)[]) => ids[next(ids.length)];
const when = () => String(10 + next(40));

const match = (): Entities => {
  const ids = [undefined, 'a', 'b', anyId];
  const made: { [kind in AnyKind]?: string } = {};
  for (const kind of allKinds) {
    const id = pick(ids);
    if (id !== undefined) made[kind] = id;
  }
  return entitiesOf(made).length > 0 ? made : { user: 'a' };
};

const subject = () => {
  const id = when();
  const owner = pick(['a', 'b', 'c']) ?? 'a';
  const entities: Entities = { user: owner, run: 'a', ...(next(2) === 0 && { agent: 'a' }) };
  const also = next(2) === 0 ? [] : [{ kind: 'run' as const, id: 'b' }];
  const since: { [key: string]: string } =
    next(2) === 0 ? {} : { 'run#a': when(), 'run#b': when() };
  return { id, entities, extraEntities: also, lineage: [id], namedSince: since };
};

describe('an index of cutoffs', () => {
  it('the index of cutoffs hides the same subjects as a check of each cutoff in turn', () => {
    const seen = new Set<boolean>();
    for (let round = 0; round < 3_000; round++) {
      const cutoffs = Array.from({ length: next(6) }, () => ({ match: match(), before: when() }));
      const memory = subject();

      const cutOff = cutoffs.some((c) => memory.id < c.before && hasAllEntities(memory, c.match));
      const forgotten = cutoffs.some(
        ({ match: asked, before }) =>
          memory.id < before &&
          entitiesOf(asked).every(({ kind, id }) =>
            allNamed(memory).some(
              (named) =>
                named.kind === kind &&
                (id === anyId || named.id === id) &&
                (memory.namedSince[entityKey(named)] ?? memory.id) < before,
            ),
          ),
      );

      seen.add(forgotten);
      expect([cutOffBy(cutoffs)(memory), deletedBy(cutoffs)(memory)]).toEqual([cutOff, forgotten]);
    }
    expect(seen.size).toBe(2);
  });
});
