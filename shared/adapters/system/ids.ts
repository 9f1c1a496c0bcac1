import { randomBytes } from 'node:crypto';
import { uuidV7Factory } from '../../domain/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';

const poolSize = 4_096;

/** Takes random bytes from a pool, so that one system call serves hundreds of ids. No byte is used twice. */
const pooledBytes = (): ((length: number) => Uint8Array) => {
  let pool = randomBytes(poolSize);
  let used = 0;
  return (length) => {
    if (used + length > pool.length) {
      pool = randomBytes(Math.max(poolSize, length));
      used = 0;
    }
    used += length;
    return pool.subarray(used - length, used);
  };
};

/** Creates ids of UUID version 7, ordered by time within this process, and cryptographically random secrets. */
export const createIds = (clock: Clock): Ids => ({
  next: uuidV7Factory(clock.now, pooledBytes()),
  secret: (bytes) => randomBytes(bytes).toString('hex'),
  random: () => randomBytes(4).readUInt32LE() / 2 ** 32,
});
