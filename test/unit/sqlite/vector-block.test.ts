import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import loadWabt from 'wabt';
import { dotProductWasm } from '../../../shared/adapters/sqlite/dot-product.ts';
import { createVectorBlock } from '../../../shared/adapters/sqlite/vector-block.ts';
import { normalize } from '../../../shared/adapters/sqlite/vector-codes.ts';
import { cosine } from '../../../shared/domain/memory/vector.ts';

const sourcePath = new URL('../../../shared/adapters/sqlite/dot-product.wat', import.meta.url);

const vectorOf = (seed: number, dimension: number): Float32Array =>
  new Float32Array(dimension).map((_, at) => Math.sin(seed * 12.9898 + at * 78.233));

/** A block with the vectors of the owners 0 to `count` - 1. */
const blockOf = (count: number, dimension: number) => {
  const block = createVectorBlock<number>(dimension);
  for (let owner = 0; owner < count; owner++) block.set(owner, vectorOf(owner, dimension));
  return block;
};

const query = (dimension: number, seed = 1_000) => normalize(vectorOf(seed, dimension));

it('the WebAssembly of the dot product is that of its source', async () => {
  const wabt = await loadWabt();
  const parsed = wabt.parseWat('dot-product.wat', readFileSync(sourcePath, 'utf8'), { simd: true });

  const { buffer } = parsed.toBinary({});

  expect(Buffer.from(buffer).toString('base64')).toBe(dotProductWasm);
});

describe.each([1, 3, 16, 384, 1_537])('a block of vectors of %i values', (dimension) => {
  it.each([1, 127, 128, 129, 1_000])('has the cosine of each of %i vectors', (count) => {
    const block = blockOf(count, dimension);

    for (const seed of [1_000, 2_000])
      for (let owner = 0; owner < count; owner += 7)
        expect(block.cosine(owner, query(dimension, seed))).toBeCloseTo(
          cosine(vectorOf(owner, dimension), vectorOf(seed, dimension)),
          4,
        );
  });

  it.each([1, 128, 129, 1_000])('bounds the cosine of each of %i vectors narrowly', (count) => {
    const block = blockOf(count, dimension);
    const unit = query(dimension);

    let row = 0;
    while (row < count) {
      const { min, max } = block.bounds(row, unit);
      for (let i = 0; i < min.length; i++, row++) {
        const exact = block.cosine(row, unit) ?? Number.NaN;
        expect(min[i]).toBeLessThanOrEqual(exact);
        expect(max[i]).toBeGreaterThanOrEqual(exact);
        expect((max[i] ?? 0) - (min[i] ?? 0)).toBeLessThan(0.05);
      }
    }
    expect(row).toBe(count);
  });

  it('has the others still after vectors were removed and replaced', () => {
    const block = blockOf(300, dimension);

    for (let owner = 0; owner < 300; owner += 2) block.remove(owner);
    block.set(1, vectorOf(77, dimension));

    expect(block.cosine(0, query(dimension))).toBeUndefined();
    for (let owner = 1; owner < 300; owner += 2)
      expect(block.cosine(owner, query(dimension))).toBeCloseTo(
        cosine(vectorOf(owner === 1 ? 77 : owner, dimension), vectorOf(1_000, dimension)),
        4,
      );
  });
});
