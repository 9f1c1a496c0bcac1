import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createListedIds,
  newestFirst,
  type Position,
} from '../../../shared/core/retrieval/listed-ids.ts';

const id = fc.integer({ min: 0, max: 60 }).map((n) => `m${n}`);
const change = fc.tuple(id, fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }));
const batches = fc.array(fc.array(change, { maxLength: 50 }), { maxLength: 8 });

test('pages are those of a list that is sorted anew, whatever was changed before and whatever is added', () => {
  fc.assert(
    fc.property(
      batches,
      fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 6 }),
      fc.nat(70),
      fc.integer({ min: 1, max: 20 }),
      (changes, added, skip, limit) => {
        const ids = createListedIds();
        const naive = new Map<string, Position>();
        const known = new Set<string>();
        for (const batch of changes) {
          const positions = new Map(
            batch.map(([name, createdAt]) => [
              name,
              createdAt === undefined ? undefined : { id: name, createdAt },
            ]),
          );
          ids.apply(positions);
          for (const [name, position] of positions) {
            known.add(name);
            if (position) naive.set(name, position);
            else naive.delete(name);
          }
        }
        const further = added.map((createdAt, index) => ({ id: `further${index}`, createdAt }));

        const page = ids.page(further, skip, limit);

        const sorted = [...naive.values(), ...further].sort(newestFirst);
        expect(page).toEqual(sorted.slice(skip, skip + limit).map((position) => position.id));
        expect([ids.size(), ids.knownSize()]).toEqual([naive.size, known.size]);
      },
    ),
  );
});
