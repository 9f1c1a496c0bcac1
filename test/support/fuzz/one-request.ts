import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '../temporary-folder.ts';
import { startReceiver } from '../webhook-receiver.ts';
import { describeRequest, type HttpRequest } from './exchange.ts';
import type { HostileCase } from './hostile-requests.ts';
import { createIds } from './ids.ts';
import { allowedMs, maxIterationMs } from './limits.ts';
import type { Measurement } from './probe.ts';
import { type ProbedService, startProbedService } from './probed-service.ts';
import { createSeeder, everyKind, type SeedSizes, seed } from './seed.ts';

/** Heap for one request, in addition to the heap of an idle service, in MiB. */
const requestHeapMiB = 64;
const sizes: SeedSizes = {
  memories: 1_000,
  everywhere: 250,
  memoriesToDelete: 200,
  hostileMemories: 60,
  victims: 2,
  turns: 20,
  endpoints: 60,
};
/** Number of earlier cases whose background work may have blocked the event loop. */
const maxSuspects = 5;
const maxRestarts = 20;
/** Repetitions that must all fail before a case is reported. */
const repetitions = 3;
/** Time after which overwritten data is cleaned up. */
const cleanupDelayMs = 1_200;
/** Routes whose writes are cleaned up before a check for blocks: each check waits for the cleanup. */
const routesPerCleanup = 8;
/** Largest number of cases of a route that are repeated to find a block during cleanup. */
const maxCleanupCases = 40;

/** Failure of a case. */
interface Finding {
  sentence: string;
  isBlock: boolean;
}

/** Whether a request can leave background work. Searches and lists by POST cannot. */
const isWrite = ({ method, path }: HttpRequest): boolean =>
  method !== 'GET' && !/\/search(\?|$)|\/v[23]\/memories\/?(\?|$)/.test(path);

/** Failure of a request whose event loop iterations took too long. */
const blockIn = (
  { longestIterationMs }: Measurement,
  request: HttpRequest,
  outcome: string,
): Finding | undefined => {
  const allowed = allowedMs(request);
  if (longestIterationMs <= allowed) return undefined;
  const ms = `${longestIterationMs.toFixed(0)} ms of CPU, more than ${allowed}`;
  const sentence = `${outcome} and blocks for ${ms}: ${describeRequest(request)}`;
  return { sentence, isBlock: true };
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : `${error}`);

/**
 * Service with much seeded data, some of it hostile, and 64 MiB of heap for each request. The heap of the idle service
 * includes the cache of the index, which has a bound of its own.
 */
export const openOneRequest = async () => {
  const folder = temporaryFolder();
  const receiver = await startReceiver();
  const location = { folder: folder.path, receiver: receiver.pair };
  const unlimited = await startProbedService(location);
  const settle = () => unlimited.ask('settle');
  const seeder = createSeeder(unlimited.send, unlimited.keys.full);
  const ids = createIds(await seed(seeder, receiver.url, sizes, settle));
  await seeder.search(everyKind('everywhere'));
  await seeder.search(everyKind('*'));
  const { heapBytes } = await unlimited.ask('collect');
  await unlimited.kill();
  const heapMiB = Math.ceil(heapBytes / 1024 ** 2) + requestHeapMiB;

  let restarts = 0;
  const start = (): Promise<ProbedService> =>
    startProbedService(location, [`--max-old-space-size=${heapMiB}`]);
  let service = await start();

  /**
   * Works with a service whose heap has no bound. Near its bound a heap is collected again and again, and in the main thread if
   * a busy machine gives the helping threads no time: that costs four times the CPU of the requests themselves.
   */
  const withUnboundedHeap = async <T>(work: () => Promise<T>): Promise<T> => {
    await service.kill();
    service = await startProbedService(location);
    try {
      return await work();
    } finally {
      await service.kill();
      service = await start();
    }
  };

  /** Measures a service that sent no response; undefined if it has ended. */
  const measureSurvivor = async () => {
    try {
      return await service.ask('measure');
    } catch {
      return undefined;
    }
  };

  /** Failure of a request without a response. Restarts the service if it exits or hangs. */
  const findingWithoutResponse = async (
    request: HttpRequest,
    error: unknown,
  ): Promise<Finding | undefined> => {
    const described = describeRequest(request);
    const hangs = /timeout|aborted/i.test(messageOf(error));
    const measured = hangs ? undefined : await measureSurvivor();
    const exitReason = service.exitReason();
    if (measured && exitReason === undefined) {
      // The service closes the connection before the end of a body that is too large.
      if (request.body !== undefined) return blockIn(measured, request, 'sends no response');
      return { sentence: `no answer: ${messageOf(error)}: ${described}`, isBlock: false };
    }
    restarts += 1;
    if (restarts > maxRestarts) throw new Error('The service died too often.');
    await service.kill();
    service = await start();
    const why =
      exitReason === undefined ? 'never gets a response' : `ends the service: ${exitReason}`;
    return { sentence: `${why}: ${described}`, isBlock: false };
  };

  /** Runs a case; the failure, or undefined. */
  const runCase = async ({ build }: HostileCase): Promise<Finding | undefined> => {
    const request = build(ids, service.keys.full);
    try {
      const { status, text } = await service.send(request);
      const leavesWork = status < 300 && isWrite(request);
      const measured = await service.ask(leavesWork ? 'settle' : 'measure');
      if (status < 500) return blockIn(measured, request, `answers ${status}`);
      const sentence = `answers ${status} ${text.slice(0, 200)}: ${describeRequest(request)}`;
      return { sentence, isBlock: false };
    } catch (error) {
      return findingWithoutResponse(request, error);
    }
  };

  /** The failure of the last of several repetitions that all fail. */
  const repeated = async (suspect: HostileCase): Promise<Finding | undefined> => {
    let found: Finding | undefined;
    for (let time = 0; time < repetitions; time++) {
      found = await runCase(suspect);
      if (found === undefined) return undefined;
    }
    return found;
  };

  /** Failures that recur in every repetition, blocks also with a heap without bound. The first ones may include compilation. */
  const confirmed = async (suspects: readonly HostileCase[]): Promise<string[]> => {
    const findings: string[] = [];
    for (const suspect of suspects) {
      let found = await repeated(suspect);
      if (found?.isBlock) found = await withUnboundedHeap(() => repeated(suspect));
      if (found !== undefined) findings.push(`${suspect.name}: ${found.sentence}`);
    }
    return findings;
  };

  /** Longest block of the event loop, in ms of CPU, during the cleanup after requests; the shortest of several repetitions. */
  const cleanupBlockMs = async (cases: readonly HostileCase[]): Promise<number> => {
    let shortest = Number.POSITIVE_INFINITY;
    for (let time = 0; time < repetitions && shortest > maxIterationMs; time++) {
      for (const { build } of cases) await service.send(build(ids, service.keys.full));
      await service.ask('settle');
      await sleep(cleanupDelayMs);
      const { longestIterationMs } = await service.ask('settle');
      shortest = Math.min(shortest, longestIterationMs);
    }
    return shortest;
  };

  /** Finds a request whose cleanup blocks in every repetition, by halving. */
  const findCleanupBlock = async (cases: readonly HostileCase[]): Promise<string[]> => {
    const ms = await cleanupBlockMs(cases);
    if (ms <= maxIterationMs) return [];
    const [only, ...others] = cases;
    if (only && others.length === 0) {
      const described = describeRequest(only.build(ids, service.keys.full));
      return [`${only.name}: blocks during cleanup for ${ms.toFixed(0)} ms: ${described}`];
    }
    const half = Math.ceil(cases.length / 2);
    const found = await findCleanupBlock(cases.slice(0, half));
    return found.length > 0 ? found : findCleanupBlock(cases.slice(half));
  };

  /** Writes since the last check of the cleanup, by route. */
  let written: (readonly HostileCase[])[] = [];

  const cleanupFindings = async (): Promise<string[]> => {
    const cases = written.flatMap((ofRoute) => ofRoute.slice(0, maxCleanupCases));
    written = [];
    await sleep(cleanupDelayMs);
    if ((await service.ask('settle')).longestIterationMs <= maxIterationMs) return [];
    return withUnboundedHeap(() => findCleanupBlock(cases));
  };

  return {
    heapMiB,

    /** Failures of the cases of a route, one line each, and now and then of the cleanup after these and earlier ones. */
    async findings(cases: readonly HostileCase[]): Promise<string[]> {
      const findings: string[] = [];
      for (const [index, one] of cases.entries()) {
        if ((await runCase(one)) === undefined) continue;
        const again = await confirmed([one]);
        const earlier = cases.slice(Math.max(0, index - maxSuspects), index);
        findings.push(...(again.length > 0 ? again : await confirmed(earlier)));
      }
      const writes = cases.filter(({ build }) => isWrite(build(ids, service.keys.full)));
      if (writes.length > 0) written.push(writes);
      if (written.length >= routesPerCleanup) findings.push(...(await cleanupFindings()));
      return [...new Set(findings)];
    },

    /** Failures of the cleanup after the cases that were not checked yet. */
    cleanupFindings,

    async close(): Promise<void> {
      await service.kill();
      await receiver.close();
      folder.remove();
    },
  };
};
export type OneRequest = Awaited<ReturnType<typeof openOneRequest>>;
