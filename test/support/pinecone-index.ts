import {
  createPineconeVectorIndex,
  type PineconeIndexSettings,
} from '../../shared/adapters/pinecone/vector-index.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { type PineconeServerOptions, startPineconeServer } from './pinecone-server/server.ts';

/** A clock whose sleeps take no time; `slept` tells how long they would have been. */
const createRestlessClock = (): Clock & { slept: number[] } => {
  const slept: number[] = [];
  return {
    slept,
    now: () => Date.now(),
    async sleep(ms) {
      slept.push(ms);
    },
  };
};

/** The adapter over the real SDK, against a server on loopback. */
export const openPineconeIndex = async ({
  server: serverOptions,
  ...settings
}: Partial<PineconeIndexSettings> & { server?: Partial<PineconeServerOptions> } = {}) => {
  const dimension = settings.dimension ?? 5;
  const server = await startPineconeServer({ apiKey: 'a key', dimension, ...serverOptions });
  const clock = createRestlessClock();
  const index = createPineconeVectorIndex({
    apiKey: 'a key',
    host: server.url,
    buckets: 8,
    dimension,
    clock,
    ...settings,
  });
  return { server, index, clock, dimension };
};
