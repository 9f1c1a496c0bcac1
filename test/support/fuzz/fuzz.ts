import fc from 'fast-check';
import { describeRequest, type HttpRequest } from './exchange.ts';
import type { FuzzService } from './fuzz-service.ts';
import { growthOf } from './growth.ts';
import { allowedMs, maxIterationMs } from './limits.ts';
import { requestOfMutant } from './mutate.ts';
import { type Mutant, mutant } from './mutation.ts';

/** Whether an answer is a fault of the service. Only routes that it lacks on purpose may answer 501. */
const isFault = ({ status, text }: { status: number; text: string }): boolean =>
  status >= 500 && !(status === 501 && text.includes('"not_supported"'));

export interface FuzzResult {
  requests: number;
  /** Number of responses per status. */
  statuses: Map<number, number>;
  /** Blocks of the event loop that no suspected request reproduced, in ms of CPU. */
  unreproduced: number[];
  /** Failures, each with the smallest request that reproduces it. */
  findings: string[];
}

/** Requests between two waits for background work. */
const windowSize = 200;
/** Repetitions of a request, each of which must block the event loop, before it counts as the cause of a block. */
const suspectRepetitions = 3;

const describeBlock = (ms: number, allowed: number): string =>
  `the event loop for ${ms.toFixed(0)} ms of CPU, more than ${allowed}`;

/** Checks requests one by one and remembers the latest ones, whose background work may block the event loop later. */
const createChecker = (service: FuzzService) => {
  const statuses = new Map<number, number>();
  let latest: HttpRequest[] = [];
  /** Longest block that did not recur with the same request. */
  let unreproducedMs = 0;
  const unreproduced: number[] = [];

  /** A slow request is measured again: any time may include compilation, garbage collection or earlier background work. */
  const longestIteration = async (request: HttpRequest, allowed: number): Promise<number> => {
    const first = await service.measure(request);
    statuses.set(first.status, (statuses.get(first.status) ?? 0) + 1);
    if (isFault(first))
      throw new Error(
        `answers ${first.status} ${first.text.slice(0, 300)}: ${describeRequest(request)}`,
      );
    let shortest = first.longestIterationMs;
    for (let time = 0; time < suspectRepetitions && shortest > allowed; time += 1)
      shortest = Math.min(shortest, (await service.measure(request)).longestIterationMs);
    if (first.longestIterationMs > allowed && shortest <= allowed)
      unreproducedMs = Math.max(unreproducedMs, first.longestIterationMs);
    return shortest;
  };

  /**
   * Shortest of the blocks, in ms of CPU, that the background work of a request causes when it is repeated. One repetition
   * proves nothing: a collection of the whole heap, which takes 30 to 60 ms, falls on some of the suspects by chance.
   */
  const shortestBackgroundMs = async (request: HttpRequest): Promise<number> => {
    let shortest = Number.POSITIVE_INFINITY;
    for (let time = 0; time < suspectRepetitions && shortest > maxIterationMs; time += 1) {
      await service.measure(request);
      shortest = Math.min(shortest, await service.backgroundIterationMs());
    }
    return shortest;
  };

  return {
    statuses,
    unreproduced,

    /** @throws Error for a 5xx status or a blocked event loop */
    async check(request: HttpRequest): Promise<void> {
      latest.push(request);
      const allowed = allowedMs(request);
      const ms = await longestIteration(request, allowed);
      if (ms > allowed)
        throw new Error(`blocks ${describeBlock(ms, allowed)}: ${describeRequest(request)}`);
    },

    isFull: () => latest.length >= windowSize,

    /** @throws Error with the request whose background work blocks the event loop */
    async checkBackgroundWork(): Promise<void> {
      const ms = Math.max(unreproducedMs, await service.backgroundIterationMs());
      const suspects = latest;
      latest = [];
      unreproducedMs = 0;
      if (ms <= maxIterationMs) return;
      for (const request of suspects) {
        const again = await shortestBackgroundMs(request);
        if (again > maxIterationMs)
          throw new Error(
            `leaves work that blocks ${describeBlock(again, maxIterationMs)}: ${describeRequest(request)}`,
          );
      }
      unreproduced.push(Math.round(ms));
    },
  };
};

/** Sends mutated requests in sequence until the first failure. The same seed yields the same requests. */
export const fuzz = async (
  service: FuzzService,
  { requests, seed }: { requests: number; seed: number },
): Promise<FuzzResult> => {
  const { statuses, unreproduced, check, isFull, checkBackgroundWork } = createChecker(service);
  const before = await service.resourceUsage();
  const property = fc.asyncProperty(mutant, async (drawn: Mutant) => {
    await check(requestOfMutant(drawn, service.ids, service.keys));
    if (isFull()) await checkBackgroundWork();
  });
  const { failed, errorInstance, numRuns } = await fc.check(property, { numRuns: requests, seed });
  if (failed) {
    const failure = errorInstance instanceof Error ? errorInstance.stack : String(errorInstance);
    return { requests: numRuns, statuses, unreproduced, findings: [failure ?? 'failed'] };
  }
  await checkBackgroundWork();
  const after = await service.resourceUsage();
  return { requests, statuses, unreproduced, findings: growthOf(before, after, requests) };
};
