import { startService } from '../../../functions/local/service.ts';
import { parseAllowlistEntry } from '../../../shared/domain/webhooks/allowlist.ts';
import { readConfig } from '../../../shared/platform/config/config.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import type { Answered, Outgoing } from './exchange.ts';
import type { Holdings } from './growth.ts';
import { heapInUse } from './heap-in-use.ts';
import { createIds } from './ids.ts';
import { createLoopMeter } from './loop-meter.ts';
import { openApp } from './open-service.ts';
import { createSeeder, seed } from './seed.ts';
import { settled } from './settled.ts';

const own = { memories: 60, fewer: 60, spoilt: 12, victims: 4, turns: 12, endpoints: 12 };
const others = { memories: 5, fewer: 5, spoilt: 0, victims: 0, turns: 3, endpoints: 2 };
/** Refused at once: nobody listens there. */
const receiver = '127.0.0.1:9';
const url = `http://${receiver}/hook`;

/** The app with all that its requests leave to do, in this process, on a file of its own, and full of things. */
export const startFuzzService = async () => {
  const folder = temporaryFolder();
  const pair = parseAllowlistEntry(receiver);
  const { platform, app, usage, keys, close } = await openApp({
    dataDir: folder.path,
    log: 'silent',
    webhookAllow: pair ? [pair] : [],
  });
  const service = await startService(platform, app, { ...readConfig({}), port: 0 }, usage);
  const meter = createLoopMeter();

  const send = async ({ method, path, headers, body }: Outgoing): Promise<Answered> => {
    const response = await app.request(`http://service.test${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, text: await response.text() };
  };
  const pools = await seed(createSeeder(send, keys.full), url, own, settled);
  const theirs = await seed(createSeeder(send, keys.foreign), url, others, settled);
  const count = platform.database.prepare('SELECT count(*) AS items FROM items');
  meter.start();

  return {
    keys,
    ids: createIds({
      ...pools,
      foreignMemory: theirs['memory'] ?? [],
      foreignEvent: theirs['event'] ?? [],
      foreignEndpoint: theirs['endpoint'] ?? [],
      foreignDelivery: theirs['delivery'] ?? [],
    }),

    /** The answer, and the CPU of the longest turn of the event loop meanwhile. */
    async measured(request: Outgoing): Promise<Answered & { longestTurnMs: number }> {
      await meter.read();
      const answered = await send(request);
      return { ...answered, longestTurnMs: await meter.read() };
    },

    /** Once all is done that requests left to do. */
    async holdings(): Promise<Holdings> {
      await settled();
      const heapBytes = heapInUse();
      await meter.read();
      return {
        heapBytes,
        items: Number(count.get()?.['items']),
        handles: process.getActiveResourcesInfo().length,
      };
    },

    /** CPU of the longest turn of the event loop while the rest is done of what requests left to do. */
    async leftBehindMs(): Promise<number> {
      await settled();
      return meter.read();
    },

    async close(): Promise<void> {
      meter.stop();
      await service.drain();
      await close();
      folder.remove();
    },
  };
};
export type FuzzService = Awaited<ReturnType<typeof startFuzzService>>;
