import { expect, it } from 'vitest';
import { createInvertedIndex } from '../../../shared/adapters/sqlite/inverted-index.ts';

const slots = 1_000;
const allAlive = (): Uint8Array => new Uint8Array(slots).fill(1);

/** Slots that contain a stem, with the number of occurrences, in the order of the slots. */
const found = (index: ReturnType<typeof createInvertedIndex>, stem: string, alive = allAlive()) => {
  const into = new Uint32Array(2 * slots);
  const count = index.find(stem, alive, into);
  const pairs = Array.from({ length: count }, (_, i) => [into[2 * i], into[2 * i + 1]] as const);
  return pairs.sort(([a = 0], [b = 0]) => a - b);
};

it('each entry of a stem is found once, with its occurrences, however many there are', () => {
  const index = createInvertedIndex();
  const [tea, cup] = [index.stemOf('tea'), index.stemOf('cup')];
  for (let slot = 0; slot < slots; slot++) {
    index.add(tea, slot, 1 + (slot % 5));
    if (slot % 100 === 7) index.add(cup, slot, 2);
  }

  expect(found(index, 'tea')).toEqual(
    Array.from({ length: slots }, (_, slot) => [slot, 1 + (slot % 5)]),
  );
  expect(found(index, 'cup')).toEqual(Array.from({ length: 10 }, (_, i) => [100 * i + 7, 2]));
  expect(found(index, 'tee')).toEqual([]);
});

it('an entry with more occurrences than a posting holds counts with as many as it holds', () => {
  const index = createInvertedIndex();
  index.add(index.stemOf('tea'), 3, 5_000);

  expect(found(index, 'tea')).toEqual([[3, 63]]);
});

it('a stem is forgotten with the last of its entries, and comes again with a new one', () => {
  const index = createInvertedIndex();
  for (let slot = 0; slot < 200; slot++) index.add(index.stemOf('tea'), slot, 1);
  const before = index.bytes();
  const alive = allAlive().fill(0, 0, 199);
  index.forget(alive);
  const kept = found(index, 'tea', alive);
  alive[199] = 0;
  index.forget(alive);
  const after = index.bytes();
  index.add(index.stemOf('tea'), 200, 4);

  expect(kept).toEqual([[199, 1]]);
  expect(after).toBeLessThan(before);
  expect(found(index, 'tea', alive)).toEqual([[200, 4]]);
});
