import { expect, it } from 'vitest';
import {
  createInvertedIndex,
  occurrencesOfPosting,
  slotOfPosting,
} from '../../../shared/adapters/sqlite/inverted-index.ts';
import { fromBytes, toBytes, toSegment } from '../../../shared/adapters/sqlite/segment.ts';

const slots = 1_000;
const allAlive = (): Uint8Array => new Uint8Array(slots).fill(1);
type Index = ReturnType<typeof createInvertedIndex>;
type Terms = [stem: string, occurrences: number][];

/** Adds entries in slots that follow each other, by a segment as it is stored. */
const add = (index: Index, firstSlot: number, ...entries: Terms[]): void => {
  const rows = entries.map((terms, i) => ({ n: firstSlot + i, class: 'memory' as const, terms }));
  index.append(fromBytes(toBytes(toSegment(rows))), firstSlot);
};

/** Slots that contain a stem, with the number of occurrences, in the order of the slots. */
const found = (index: Index, stem: string, alive = allAlive()) => {
  const into = new Uint32Array(slots);
  const postings = [...into.subarray(0, index.find(stem, alive, into))];
  return postings
    .map((posting) => [slotOfPosting(posting), occurrencesOfPosting(posting)])
    .sort(([a = 0], [b = 0]) => a - b);
};

const teas = Array.from({ length: slots }, (_, slot) => [slot, 1 + (slot % 5)]);
const entryOf = (slot: number): Terms => [
  ['tea', 1 + (slot % 5)],
  ...(slot % 100 === 7 ? ([['cup', 2]] as Terms) : []),
];

it.each([1, 7, 256])(
  'each entry of a stem is found once, with its occurrences, when %i are added at a time',
  (together) => {
    const index = createInvertedIndex();
    for (let slot = 0; slot < slots; slot += together) {
      const count = Math.min(together, slots - slot);
      add(index, slot, ...Array.from({ length: count }, (_, i) => entryOf(slot + i)));
    }

    expect(found(index, 'tea')).toEqual(teas);
    expect(found(index, 'cup')).toEqual(Array.from({ length: 10 }, (_, i) => [100 * i + 7, 2]));
    expect(found(index, 'tee')).toEqual([]);
  },
);

it('each of many stems, in any script, has its own entries', () => {
  const index = createInvertedIndex();
  const stemOf = (slot: number): string => `${['tea', 'thé', 'чай', '茶'][slot % 4]}${slot}`;
  for (let slot = 0; slot < slots; slot++) add(index, slot, [[stemOf(slot), 1]]);

  for (let slot = 0; slot < slots; slot++) expect(found(index, stemOf(slot))).toEqual([[slot, 1]]);
});

it('an entry with more occurrences than a posting holds counts with as many as it holds', () => {
  const index = createInvertedIndex();
  add(index, 3, [['tea', 5_000]]);

  expect(found(index, 'tea')).toEqual([[3, 63]]);
});

it('a stem is forgotten with the last of its entries, and comes again with a new one', () => {
  const index = createInvertedIndex();
  for (let slot = 0; slot < 200; slot++) add(index, slot, [['tea', 1]]);
  const alive = allAlive().fill(0, 0, 199);
  index.forget(alive);
  const kept = found(index, 'tea', alive);
  const isKept = index.includes('tea');
  alive[199] = 0;
  index.forget(alive);
  const isThere = index.includes('tea');
  const forgotten = found(index, 'tea');
  add(index, 200, [['tea', 4]]);

  expect([kept, isKept]).toEqual([[[199, 1]], true]);
  expect([forgotten, isThere]).toEqual([[], false]);
  expect(found(index, 'tea')).toEqual([[200, 4]]);
});

it('stems that stay are found after others were forgotten and the dictionary has grown', () => {
  const index = createInvertedIndex();
  const alive = allAlive();
  for (let slot = 0; slot < 500; slot++) add(index, slot, [[`own${slot}`, 1]]);
  alive.fill(0, 0, 250);
  index.forget(alive);
  for (let slot = 500; slot < slots; slot++)
    add(index, slot, [
      [`own${slot}`, 1],
      [`more${slot}`, 1],
    ]);

  for (let slot = 0; slot < slots; slot++)
    expect(found(index, `own${slot}`, alive)).toEqual(slot < 250 ? [] : [[slot, 1]]);
});
