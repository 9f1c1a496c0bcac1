import type { Item } from '../../domain/table/items.ts';
import { parseDeliveryId } from '../../domain/webhooks/delivery.ts';
import { maxInFlightLimit } from '../../domain/webhooks/endpoint.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';
import type { Hint } from '../../ports/queue.ts';
import type { Deadline } from '../deadline.ts';
import { enqueueHints, hints } from '../hints.ts';
import {
  type AdmissionBuffer,
  type AutoResetEvent,
  claimIfDue,
  createAdmissionBuffer,
  createAutoResetEvent,
  takeBuffered,
} from './admission-buffer.ts';
import { claimFromBacklog } from './backlog.ts';
import { type DeliveryWithText, startInBlock } from './block-round.ts';
import type { DispatchPlatform } from './claim-attempt.ts';
import { createFairShare } from './fair-share.ts';
import { createInFlightAttempts } from './in-flight-attempts.ts';
import type { WithLimiterStore } from './limiter-store.ts';
import { createSlotBlocks } from './slot-blocks.ts';

/** Time an attempt takes besides the receiver's. */
const attemptOverheadMs = 5_000;
/** Longest wait for a limiter inside the loop; for a longer one the loop ends, and a hint or the sweeper starts it again. */
const maxInlineWaitMs = 2_000;
/** Delay of the hints that hand work over after an error. */
const retryAfterErrorMs = 1_000;

const isBeforeDeadline = (
  { clock, policy }: WebhookPlatform,
  { deadlineAt, signal }: Deadline,
): boolean =>
  !signal.aborted && clock.now() + policy.webhookTimeoutMs + attemptOverheadMs <= deadlineAt;

/**
 * State of the loop that sends an endpoint's deliveries in this process. Input: the persistent backlog and the in-memory
 * buffer.
 */
interface EndpointLoop {
  project: string;
  endpoint: string;
  buffer: AdmissionBuffer;
  /** Set when a delivery was buffered, an attempt ended, or a buffered delivery timed out. */
  wakeUp: AutoResetEvent;
  attempts: ReturnType<typeof createInFlightAttempts>;
  /** Ends the timers of the loop. */
  sleepAbort: AbortController;
  hasTimeout: boolean;
  /** Deliveries of the buffer that were read already. */
  ahead: Map<string, DeliveryWithText>;
  /** The backlog was not empty when a block was last used. */
  hasBacklog: boolean;
}

/** Attempts that would start now: more than enough for a backlog. */
const waitingIn = ({ buffer, hasBacklog }: EndpointLoop): number =>
  hasBacklog ? maxInFlightLimit : Math.min(buffer.size(), maxInFlightLimit);

const createLoop = (
  platform: DispatchPlatform,
  project: string,
  endpoint: string,
): EndpointLoop => {
  const wakeUp = createAutoResetEvent();
  return {
    project,
    endpoint,
    buffer: createAdmissionBuffer(platform.clock),
    wakeUp,
    attempts: createInFlightAttempts(platform, wakeUp.set),
    sleepAbort: new AbortController(),
    hasTimeout: false,
    ahead: new Map(),
    hasBacklog: false,
  };
};

/** On error the delivery goes back to the buffer. The store still has a due time for each, so a crash loses nothing. */
const startIfDue = async (
  platform: DispatchPlatform,
  { buffer, attempts }: EndpointLoop,
  delivery: Item<'DELIVERY'>,
): Promise<number> => {
  try {
    const claims = await claimIfDue(platform, delivery);
    for (const claim of claims) attempts.start(claim);
    return claims.length;
  } catch (error) {
    buffer.add(delivery.id);
    throw error;
  }
};

/** Records finished attempts and claims buffered deliveries in the same transaction. Returns whether any was started. */
const flushAndClaim = async (platform: DispatchPlatform, loop: EndpointLoop): Promise<boolean> => {
  const { project, endpoint, buffer, attempts } = loop;
  const taken =
    buffer.size() > 0
      ? await takeBuffered(platform, project, endpoint, buffer, attempts.completed())
      : [];
  const recorded = attempts.flush();
  const starts = await Promise.allSettled(
    taken.map((delivery) => startIfDue(platform, loop, delivery)),
  );
  await recorded;
  for (const start of starts) if (start.status === 'rejected') throw start.reason;
  return starts.some((start) => start.status === 'fulfilled' && start.value > 0);
};

/** Wakes the loop once the oldest buffered delivery has timed out. */
const scheduleTimeout = ({ clock }: DispatchPlatform, loop: EndpointLoop): void => {
  const { buffer, wakeUp, sleepAbort } = loop;
  if (loop.hasTimeout || buffer.size() === 0) return;
  loop.hasTimeout = true;
  const delay = Math.max(1, buffer.nextTimeoutAt() - clock.now());
  void clock.sleep(delay, sleepAbort.signal).then(() => {
    loop.hasTimeout = false;
    wakeUp.set();
  });
};

/** Starts what the limiter allows for each attempt by itself. */
const startWithSlots = async (
  platform: DispatchPlatform,
  loop: EndpointLoop,
): Promise<{ hasStarted: boolean; retryAt?: number }> => {
  const { project, endpoint, attempts } = loop;
  const hasStarted = await flushAndClaim(platform, loop);
  const { claims, ...rest } = await claimFromBacklog(platform, project, endpoint);
  for (const claim of claims) attempts.start(claim);
  return { ...rest, hasStarted: hasStarted || claims.length > 0 };
};

/**
 * Starts every attempt that the limiter or the block of this process allows; without any, waits for the next event. False when
 * neither backlog, buffer nor attempts remain.
 */
const runOnce = async (platform: DispatchPlatform, loop: EndpointLoop): Promise<boolean> => {
  const { clock, slotBlocks } = platform;
  const { project, endpoint, buffer, attempts, wakeUp, sleepAbort } = loop;
  const block = await slotBlocks.refresh(project, endpoint, waitingIn(loop));
  const { hasStarted, retryAt } = block
    ? await startInBlock(platform, loop, block)
    : await startWithSlots(platform, loop);
  loop.hasBacklog = block?.headPriority !== undefined;
  if (hasStarted || buffer.nextTimeoutAt() <= clock.now()) return true;
  const wait = (retryAt ?? Number.POSITIVE_INFINITY) - clock.now();
  const isShort = wait <= maxInlineWaitMs;
  if (attempts.isIdle() && buffer.size() === 0 && !isShort && !wakeUp.isSet()) return false;
  scheduleTimeout(platform, loop);
  await wakeUp.wait(isShort ? clock.sleep(Math.max(1, wait), sleepAbort.signal) : undefined);
  return true;
};

/** Hints for the work that is left when the loop ends. */
const handOff = ({ project, endpoint, buffer }: EndpointLoop): Hint[] => [
  ...buffer
    .take(buffer.size(), buffer.size())
    .map((delivery): Hint => hints.delivery(project, delivery)),
  hints.backlog(project, endpoint),
];

/**
 * @param onEnd called before the remaining work is handed over; from then on a new loop may run
 * @param hasSuccessor whether such a loop runs, which uses the same block of slots
 */
const runLoop = async (
  platform: DispatchPlatform,
  loop: EndpointLoop,
  deadline: Deadline,
  onEnd: () => void,
  hasSuccessor: () => boolean,
): Promise<void> => {
  const { buffer, attempts, wakeUp, sleepAbort } = loop;
  let isDone = false;
  let hasFailed = true;
  try {
    while (!isDone && isBeforeDeadline(platform, deadline))
      isDone = !(await runOnce(platform, loop));
    hasFailed = false;
  } finally {
    onEnd();
    sleepAbort.abort();
    // A delivery may have been buffered after the last round.
    if (!isDone || buffer.size() > 0)
      await enqueueHints(platform, handOff(loop), hasFailed ? retryAfterErrorMs : 0);
    while (!attempts.isIdle()) {
      await attempts.flush();
      if (!attempts.isIdle()) await wakeUp.wait();
    }
    if (!hasSuccessor()) await platform.slotBlocks.leave(loop.project, loop.endpoint);
  }
  attempts.throwIfFailed();
};

/** Sends deliveries, with at most one loop per endpoint, so that a process never competes with itself. */
export interface Dispatcher {
  /**
   * Sends an endpoint's deliveries, backlog first and in priority order, as far as its limits allow, until none is left or
   * the deadline is near. If a loop for this endpoint runs in this process already, it is only woken. Safe to repeat and to
   * run in several processes: each attempt is claimed under a lease.
   */
  dispatchEndpoint(project: string, endpoint: string, deadline: Deadline): Promise<void>;
  /** The same for the endpoint of a delivery, which is buffered first. The delivery stays due until it is claimed. */
  dispatchDelivery(project: string, delivery: string, deadline: Deadline): Promise<void>;
  /** Whether other processes sent to the endpoint of a delivery at the same time as this one, within the last minute. */
  isShared(project: string, delivery: string): boolean;
}

/** Creates the dispatcher of a process: once per process, since its loops and fair shares are kept in memory. */
export const createDispatcher = (base: WithLimiterStore<WebhookPlatform>): Dispatcher => {
  const fairShare = createFairShare();
  const slotBlocks = createSlotBlocks({ ...base, fairShare });
  const platform: DispatchPlatform = { ...base, fairShare, slotBlocks };
  const loops = new Map<string, EndpointLoop>();

  const dispatch = async (
    project: string,
    endpoint: string,
    deadline: Deadline,
    delivery?: string,
  ): Promise<void> => {
    if (!isBeforeDeadline(platform, deadline))
      return enqueueHints(platform, [
        delivery === undefined
          ? hints.backlog(project, endpoint)
          : hints.delivery(project, delivery),
      ]);
    const name = `${project} ${endpoint}`;
    const running = loops.get(name);
    const loop = running ?? createLoop(platform, project, endpoint);
    if (delivery !== undefined) loop.buffer.add(delivery);
    if (running) return running.wakeUp.set();
    loops.set(name, loop);
    const leave = platform.fairShare.join();
    try {
      await runLoop(
        platform,
        loop,
        deadline,
        () => loops.delete(name),
        () => loops.has(name),
      );
    } finally {
      leave();
    }
  };

  return {
    dispatchEndpoint: (project, endpoint, deadline) => dispatch(project, endpoint, deadline),
    isShared: (project, delivery) =>
      base.limiterStore.isContended(project, parseDeliveryId(delivery)?.endpoint ?? ''),
    async dispatchDelivery(project, delivery, deadline) {
      const { endpoint } = parseDeliveryId(delivery) ?? {};
      if (endpoint !== undefined) await dispatch(project, endpoint, deadline, delivery);
    },
  };
};
