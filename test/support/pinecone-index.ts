import {
  createPineconeVectorIndex,
  type PineconeIndexSettings,
} from '../../shared/adapters/pinecone/vector-index.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { type PineconeServerOptions, startPineconeServer } from './pinecone-server/server.ts';

/** Clock whose sleeps take no time; `slept` records their durations in ms. */
const createSleeplessClock = (): Clock & { slept: number[] } => {
  const slept: number[] = [];
  return {
    slept,
    now: () => Date.now(),
    async sleep(ms) {
      slept.push(ms);
    },
  };
};

/** Opens the adapter with the real SDK and a fake server on loopback. */
export const openPineconeIndex = async ({
  server: serverOptions,
  ...settings
}: Partial<PineconeIndexSettings> & { server?: Partial<PineconeServerOptions> } = {}) => {
  const dimension = settings.dimension ?? 5;
  const server = await startPineconeServer({ apiKey: 'a key', dimension, ...serverOptions });
  const clock = createSleeplessClock();
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
