import { randomBytes } from 'node:crypto';
import { uuidV7Factory } from '../../domain/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';

export const createIds = (clock: Clock): Ids => ({
  next: uuidV7Factory(clock.now, randomBytes),
  secret: (bytes) => randomBytes(bytes).toString('hex'),
  random: () => randomBytes(4).readUInt32LE() / 2 ** 32,
});
