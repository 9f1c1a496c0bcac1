import { startService } from '../../../functions/local/service.ts';
import { parseAllowlistEntry } from '../../../shared/domain/webhooks/allowlist.ts';
import { readConfig } from '../../../shared/platform/config/config.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import type { HttpRequest, TextResponse } from './exchange.ts';
import type { ResourceUsage } from './growth.ts';
import { heapInUse } from './heap-in-use.ts';
import { createIds } from './ids.ts';
import { createLoopMeter } from './loop-meter.ts';
import { openApp } from './open-service.ts';
import { createSeeder, seed } from './seed.ts';
import { waitUntilIdle } from './wait-until-idle.ts';

const ownSizes = {
  memories: 60,
  everywhere: 60,
  memoriesToDelete: 60,
  hostileMemories: 12,
  victims: 4,
  turns: 12,
  endpoints: 12,
};
const foreignSizes = {
  memories: 5,
  everywhere: 5,
  memoriesToDelete: 5,
  hostileMemories: 0,
  victims: 0,
  turns: 3,
  endpoints: 2,
};
/** Port without a listener: connections are refused at once. */
const receiver = '127.0.0.1:9';
const url = `http://${receiver}/hook`;

/** Text of a response; of a stream of events, which may go on for a day, its first part. */
const textOf = async (response: Response): Promise<string> => {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream'))
    return response.text();
  const reader = response.body?.getReader();
  const first = await reader?.read();
  await reader?.cancel();
  return new TextDecoder().decode(first?.value);
};

/** Service with workers in this process, on a temporary database with seeded data. */
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

  const send = async ({ method, path, headers, body }: HttpRequest): Promise<TextResponse> => {
    const response = await app.request(`http://service.test${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, text: await textOf(response) };
  };
  const pools = await seed(createSeeder(send, keys.full), url, ownSizes, waitUntilIdle);
  const foreign = await seed(createSeeder(send, keys.foreign), url, foreignSizes, waitUntilIdle);
  const count = platform.database.prepare('SELECT count(*) AS items FROM items');
  meter.start();

  return {
    keys,
    ids: createIds({
      ...pools,
      foreignMemory: foreign['memory'] ?? [],
      foreignEvent: foreign['event'] ?? [],
      foreignEndpoint: foreign['endpoint'] ?? [],
      foreignDelivery: foreign['delivery'] ?? [],
    }),

    /** Sends a request and measures the CPU of the longest event loop iteration meanwhile. */
    async measure(request: HttpRequest): Promise<TextResponse & { longestIterationMs: number }> {
      await meter.read();
      const answered = await send(request);
      return { ...answered, longestIterationMs: await meter.read() };
    },

    /** Measurement once background work is done. */
    async resourceUsage(): Promise<ResourceUsage> {
      await waitUntilIdle();
      const heapBytes = heapInUse();
      await meter.read();
      return {
        heapBytes,
        items: Number(count.get()?.['items']),
        handles: process.getActiveResourcesInfo().length,
      };
    },

    /** Waits for background work; CPU in ms of the longest event loop iteration meanwhile. */
    async backgroundIterationMs(): Promise<number> {
      await waitUntilIdle();
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
