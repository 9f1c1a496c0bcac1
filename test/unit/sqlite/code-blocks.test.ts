import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import loadWabt from 'wabt';
import { codeScanWasm, createCodeBlocks } from '../../../shared/adapters/sqlite/code-blocks.ts';
import { encode } from '../../../shared/adapters/sqlite/vector-codes.ts';
import { cosine } from '../../../shared/domain/memory/vector.ts';

const sourcePath = new URL('../../../shared/adapters/sqlite/code-scan.wat', import.meta.url);

const vectorOf = (seed: number, dimension: number): Float32Array =>
  new Float32Array(dimension).map((_, at) => Math.sin(seed * 12.9898 + at * 78.233));

it('the WebAssembly of the scan is that of its source', async () => {
  const wabt = await loadWabt();
  const parsed = wabt.parseWat('code-scan.wat', readFileSync(sourcePath, 'utf8'), { simd: true });

  const { buffer } = parsed.toBinary({});

  expect(Buffer.from(buffer).toString('base64')).toBe(codeScanWasm);
});

it.each([1, 3, 16, 17, 384, 1_537])(
  'codes of %i values have nearly the cosines of their vectors',
  (dimension) => {
    const block = createCodeBlocks().create(dimension);
    for (let i = 0; i < 600; i++) {
      const { codes, scale } = encode(vectorOf(i, dimension));
      block.add(codes, Float32Array.of(scale));
    }
    const query = vectorOf(1_000, dimension);

    const cosines = block.scan(encode(query));

    expect(cosines).toHaveLength(600);
    for (const [i, found] of cosines.entries())
      expect(Math.abs(found - cosine(vectorOf(i, dimension), query))).toBeLessThan(0.02);
  },
);

it('an erased row has a cosine of zero, and memory that was given back holds no codes of its former block', () => {
  const blocks = createCodeBlocks();
  const first = blocks.create(64);
  for (let i = 0; i < 300; i++) first.add(encode(vectorOf(i, 64)).codes, Float32Array.of(1));
  const query = encode(vectorOf(5, 64));

  first.erase(5);
  const erased = first.scan(query)[5];
  first.free();
  const second = blocks.create(64);
  second.add(new Int8Array(64), Float32Array.of(1));

  expect(erased).toBe(0);
  expect([...second.scan(query)]).toEqual([0]);
});
