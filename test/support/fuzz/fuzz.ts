import fc from 'fast-check';
import { type Outgoing, shown } from './exchange.ts';
import type { FuzzService } from './fuzz-service.ts';
import { growthOf } from './growth.ts';
import { allowedMs, usualMs } from './limits.ts';
import { requestOfMutant } from './mutate.ts';
import { type Mutant, mutant } from './mutation.ts';

export interface Fuzzed {
  requests: number;
  /** How often each status was answered. */
  statuses: Map<number, number>;
  /** Blocks that did not come again with any request they may have come from, in ms of CPU. */
  unexplained: number[];
  /** What was wrong, with the smallest request that shows it; empty: nothing. */
  findings: string[];
}

/** Requests after which the work is waited for that they left behind. */
const windowSize = 200;

const blocked = (ms: number, allowed: number): string =>
  `the event loop for ${ms.toFixed(0)} ms of CPU, more than ${allowed}`;

/** Sends requests one by one, and keeps in mind the latest: what they leave behind may show later. */
const createExaminer = (service: FuzzService) => {
  const statuses = new Map<number, number>();
  let latest: Outgoing[] = [];
  /** A block that did not come again with the request it came with. */
  let unexplainedMs = 0;
  const unexplained: number[] = [];

  /** The first look may be spent on compiling, collecting garbage, or on work that earlier requests left. */
  const longestTurn = async (request: Outgoing, allowed: number): Promise<number> => {
    const first = await service.measured(request);
    statuses.set(first.status, (statuses.get(first.status) ?? 0) + 1);
    if (first.status >= 500)
      throw new Error(`answers ${first.status} ${first.text.slice(0, 300)}: ${shown(request)}`);
    if (first.longestTurnMs <= allowed) return first.longestTurnMs;
    const { longestTurnMs } = await service.measured(request);
    if (longestTurnMs <= allowed) unexplainedMs = Math.max(unexplainedMs, first.longestTurnMs);
    return longestTurnMs;
  };

  return {
    statuses,
    unexplained,

    /** @throws Error with what is wrong about the answer */
    async examine(request: Outgoing): Promise<void> {
      latest.push(request);
      const allowed = allowedMs(request);
      const ms = await longestTurn(request, allowed);
      if (ms > allowed) throw new Error(`blocks ${blocked(ms, allowed)}: ${shown(request)}`);
    },

    isFull: () => latest.length >= windowSize,

    /** @throws Error with the request that leaves work behind which blocks the event loop */
    async examineRest(): Promise<void> {
      const ms = Math.max(unexplainedMs, await service.leftBehindMs());
      const suspects = latest;
      latest = [];
      unexplainedMs = 0;
      if (ms <= usualMs) return;
      for (const request of suspects) {
        await service.measured(request);
        const again = await service.leftBehindMs();
        if (again > usualMs)
          throw new Error(`leaves work that blocks ${blocked(again, usualMs)}: ${shown(request)}`);
      }
      unexplained.push(Math.round(ms));
    },
  };
};

/** Sends mutated requests one after the other; the same seed sends the same ones. Ends at the first bad answer. */
export const fuzz = async (
  service: FuzzService,
  { requests, seed }: { requests: number; seed: number },
): Promise<Fuzzed> => {
  const { statuses, unexplained, examine, isFull, examineRest } = createExaminer(service);
  const before = await service.holdings();
  const property = fc.asyncProperty(mutant, async (drawn: Mutant) => {
    await examine(requestOfMutant(drawn, service.ids, service.keys));
    if (isFull()) await examineRest();
  });
  const { failed, errorInstance, numRuns } = await fc.check(property, { numRuns: requests, seed });
  if (failed) {
    const told = errorInstance instanceof Error ? errorInstance.stack : String(errorInstance);
    return { requests: numRuns, statuses, unexplained, findings: [told ?? 'failed'] };
  }
  await examineRest();
  const after = await service.holdings();
  return { requests, statuses, unexplained, findings: growthOf(before, after, requests) };
};
