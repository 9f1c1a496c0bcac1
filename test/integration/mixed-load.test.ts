import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { runMixedLoad } from '../support/mixed-load/mixed-load.ts';

it.each([
  ['one user', true],
  ['many users', false],
])(
  '32 clients that mix all operations on %s lose no update and see nothing deleted',
  async (_, oneUser) => {
    const seed = randomInt(1, 2 ** 31);
    process.stdout.write(`seed of the mixed load: ${seed}\n`);

    const result = await runMixedLoad({ seed, seconds: 4, clients: 32, oneUser });

    expect(result.findings).toEqual([]);
    expect(result.requests).toBeGreaterThan(100);
  },
  180_000,
);
