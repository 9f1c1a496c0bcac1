import fc from 'fast-check';
import type { Outgoing } from './exchange.ts';
import { shown } from './exchange.ts';
import type { FuzzService, Holdings } from './fuzz-service.ts';
import { allowedMs } from './limits.ts';
import { requestOfMutant } from './mutate.ts';
import { type Mutant, mutant } from './mutation.ts';

export interface Fuzzed {
  requests: number;
  /** How often each status was answered. */
  statuses: Map<number, number>;
  /** What was wrong, with the smallest request that shows it; empty: nothing. */
  findings: string[];
}

/** Requests after which what they left behind is waited for. */
const window = 200;

const complaintOf = async (
  service: FuzzService,
  request: Outgoing,
): Promise<{ status: number; complaint?: string }> => {
  const { status, text, longestTurnMs } = await service.measured(request);
  if (status >= 500) return { status, complaint: `answers ${status}: ${text.slice(0, 300)}` };
  const allowed = allowedMs(request);
  if (longestTurnMs <= allowed) return { status };
  return {
    status,
    complaint: `blocks the event loop for ${longestTurnMs.toFixed(0)} ms of CPU, more than ${allowed}`,
  };
};

/** Looks twice at what takes too long: the first time may be spent on compiling or collecting garbage. */
const examine = async (service: FuzzService, request: Outgoing) => {
  const first = await complaintOf(service, request);
  return first.complaint === undefined ? first : await complaintOf(service, request);
};

const mebibyte = 1024 * 1024;
/** What caches may come to hold, until they are full. */
const mostCached = 96 * mebibyte;
/** What each request may leave in caches and tables. */
const heapEach = 10_000;
const itemsEach = 40;
const moreHandles = 50;

const growthOf = (before: Holdings, after: Holdings, requests: number): string[] => {
  const bounds = {
    heapBytes: before.heapBytes + Math.min(mostCached, 16 * mebibyte + requests * heapEach),
    items: before.items + 1_000 + requests * itemsEach,
    handles: before.handles + moreHandles,
  };
  const names = ['heapBytes', 'items', 'handles'] as const;
  return names.flatMap((name) =>
    after[name] <= bounds[name]
      ? []
      : [`${name} grow from ${before[name]} to ${after[name]}, more than ${bounds[name]}`],
  );
};

/** Sends mutated requests one after the other; the same seed sends the same ones. Ends at the first that is answered badly. */
export const fuzz = async (
  service: FuzzService,
  { requests, seed }: { requests: number; seed: number },
): Promise<Fuzzed> => {
  const statuses = new Map<number, number>();
  const latest: Outgoing[] = [];
  const before = await service.holdings();
  let sent = 0;

  const leftBehind = async (): Promise<void> => {
    const longestMs = await service.leftBehindMs();
    const recent = latest.splice(0);
    if (longestMs <= leftBehindMs) return;
    for (const request of recent) {
      await service.measured(request);
      const ms = await service.leftBehindMs();
      if (ms > leftBehindMs)
        throw new Error(
          `leaves work that blocks the event loop for ${ms.toFixed(0)} ms of CPU: ${shown(request)}`,
        );
    }
  };

  const property = fc.asyncProperty(mutant, async (drawn: Mutant) => {
    const request = requestOfMutant(drawn, service.ids, service.keys);
    sent += 1;
    latest.push(request);
    const { status, complaint } = await examine(service, request);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (complaint !== undefined) throw new Error(`${complaint}: ${shown(request)}`);
    if (latest.length >= window) await leftBehind();
  });
  const { failed, errorInstance, counterexamplePath } = await fc.check(property, {
    numRuns: requests,
    seed,
  });
  if (failed)
    return { requests: sent, statuses, findings: [`${errorInstance instanceof Error ? errorInstance.stack : errorInstance} (path ${counterexamplePath})`] };
  const after = await service.holdings();
  return { requests: sent, statuses, findings: growthOf(before, after, requests) };
};

const leftBehindMs = allowedMs({ method: 'POST', path: '/', headers: {} });
