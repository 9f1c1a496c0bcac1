import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '../temporary-folder.ts';
import { startReceiver } from '../webhook-receiver.ts';
import { type Outgoing, shown } from './exchange.ts';
import type { HostileCase } from './hostile-requests.ts';
import { createIds } from './ids.ts';
import { allowedMs, usualMs } from './limits.ts';
import { type ProbedService, startProbedService } from './probed-service.ts';
import { createSeeder, type SeedSizes, seed } from './seed.ts';

/** Heap that a request may take besides what an idle service has, in MiB. */
const heapOfRequest = 64;
const sizes: SeedSizes = {
  memories: 1_000,
  fewer: 200,
  spoilt: 60,
  victims: 2,
  turns: 20,
  endpoints: 60,
};
/** Cases before one that blocked once, which may have left the work that did. */
const reach = 5;
const maxDeaths = 20;
const deathMs = 1_000;
/** Times that a case is looked at again. */
const looks = 2;
/** After this, what was overwritten is cleaned up. */
const lateMs = 1_200;
/** Cases that are looked at for what they leave until then. */
const maxLate = 40;

/** Reads that are asked for by POST leave nothing to do. */
const isWrite = ({ method, path }: Outgoing): boolean =>
  method !== 'GET' && !/\/search(\?|$)|\/v[23]\/memories\/?(\?|$)/.test(path);

const endings = (error: unknown): string => (error instanceof Error ? error.message : `${error}`);

/** A service that holds much, some of it hostile, and has 64 MiB of heap for whatever it is asked. */
export const openOneRequest = async () => {
  const folder = temporaryFolder();
  const receiver = await startReceiver();
  const place = { folder: folder.path, receiver: receiver.pair };
  const roomy = await startProbedService(place);
  const settle = () => roomy.ask('settle');
  const seeder = createSeeder(roomy.send, roomy.keys.full);
  const ids = createIds(await seed(seeder, receiver.url, sizes, settle));
  const { heapBytes } = await roomy.ask('collect');
  await roomy.kill();
  const heapMiB = Math.ceil(heapBytes / 1024 ** 2) + heapOfRequest;

  let deaths = 0;
  const start = (): Promise<ProbedService> =>
    startProbedService(place, [`--max-old-space-size=${heapMiB}`]);
  let service = await start();

  /** Why there is no answer; the service goes on as a new one where it died or hangs. */
  const withoutAnswer = async (request: Outgoing, error: unknown): Promise<string | undefined> => {
    await sleep(deathMs);
    const died = service.died();
    const hangs = died === undefined && /timeout|aborted/i.test(endings(error));
    // A body that is too large is not read to its end.
    if (died === undefined && !hangs)
      return request.body === undefined ? `no answer: ${endings(error)}` : undefined;
    deaths += 1;
    if (deaths > maxDeaths) throw new Error('It died too often.');
    await service.kill();
    service = await start();
    return hangs ? 'is never answered' : `ends the service: ${died}`;
  };

  /** What is wrong when the request is made; undefined: nothing. */
  const look = async ({ make }: HostileCase): Promise<string | undefined> => {
    const request = make(ids, service.keys.full);
    try {
      const { status, text } = await service.send(request);
      const leavesWork = status < 300 && isWrite(request);
      const { longestTurnMs } = await service.ask(leavesWork ? 'settle' : 'measure');
      if (status >= 500) return `answers ${status} ${text.slice(0, 200)}: ${shown(request)}`;
      const allowed = allowedMs(request);
      if (longestTurnMs <= allowed) return undefined;
      const ms = `${longestTurnMs.toFixed(0)} ms of CPU, more than ${allowed}`;
      return `answers ${status} and blocks for ${ms}: ${shown(request)}`;
    } catch (error) {
      const why = await withoutAnswer(request, error);
      return why && `${why}: ${shown(request)}`;
    }
  };

  /** Looks again before it says so: the first looks may be spent on compiling or collecting garbage. */
  const findingsOf = async (suspects: readonly HostileCase[]): Promise<string[]> => {
    const findings: string[] = [];
    for (const suspect of suspects) {
      let found: string | undefined;
      for (let time = 0; time < looks; time++) {
        found = await look(suspect);
        if (found === undefined) break;
      }
      if (found !== undefined) findings.push(`${suspect.name}: ${found}`);
    }
    return findings;
  };

  /** What blocks the event loop some time after a request: what was written is cleaned up behind it. */
  const blocksLate = async ({ name, make }: HostileCase): Promise<string[]> => {
    const request = make(ids, service.keys.full);
    await service.send(request);
    await service.ask('settle');
    await sleep(lateMs);
    const { longestTurnMs } = await service.ask('settle');
    const ms = longestTurnMs.toFixed(0);
    return longestTurnMs <= usualMs
      ? []
      : [`${name}: later blocks for ${ms} ms: ${shown(request)}`];
  };

  const lateFindings = async (cases: readonly HostileCase[]): Promise<string[]> => {
    await sleep(lateMs);
    if ((await service.ask('settle')).longestTurnMs <= usualMs) return [];
    const findings: string[] = [];
    for (const one of cases.slice(0, maxLate)) findings.push(...(await blocksLate(one)));
    return findings;
  };

  return {
    heapMiB,

    /** What is wrong with the cases, each in one line. */
    async findings(cases: readonly HostileCase[]): Promise<string[]> {
      const findings: string[] = [];
      for (const [index, one] of cases.entries()) {
        if ((await look(one)) === undefined) continue;
        const again = await findingsOf([one]);
        const earlier = cases.slice(Math.max(0, index - reach), index);
        findings.push(...(again.length > 0 ? again : await findingsOf(earlier)));
      }
      const writes = cases.filter(({ make }) => isWrite(make(ids, service.keys.full)));
      if (writes.length > 0) findings.push(...(await lateFindings(writes)));
      return [...new Set(findings)];
    },

    async close(): Promise<void> {
      await service.kill();
      await receiver.close();
      folder.remove();
    },
  };
};
export type OneRequest = Awaited<ReturnType<typeof openOneRequest>>;
