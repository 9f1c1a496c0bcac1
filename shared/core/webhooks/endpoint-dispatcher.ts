import type { Item } from '../../domain/table/items.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';
import type { Hint } from '../../ports/queue.ts';
import type { Store } from '../../ports/store.ts';
import type { Deadline } from '../deadline.ts';
import { enqueueHints, hints } from '../hints.ts';
import { claimIfDue, takeBuffered } from './admission-buffer.ts';
import { type AdmissionBuffer, createAdmissionBuffer } from './anteroom.ts';
import { claimFromBacklog } from './backlog.ts';
import { type AutoResetEvent, createAutoResetEvent } from './bell.ts';
import { createInFlightAttempts } from './crew.ts';
import { takePart } from './fair-share.ts';

/** What an attempt takes besides the receiver's time. */
const attemptOverheadMs = 5_000;
/** A gate that opens sooner than this is waited for. */
const maxInlineWaitMs = 2_000;

const hasTime = ({ clock, policy }: WebhookPlatform, { deadlineAt, signal }: Deadline): boolean =>
  !signal.aborted && clock.now() + policy.webhookTimeoutMs + attemptOverheadMs <= deadlineAt;

/** What failed is not tried again at once. */
const retryAfterErrorMs = 1_000;

/** Whoever lets deliveries to an endpoint pass in this process: those in its line, and those that just came. */
interface EndpointLoop {
  project: string;
  endpoint: string;
  admissionBuffer: AdmissionBuffer;
  /** Rings when somebody came, gave back a slot, or waited for too long: it is worth another look. */
  wakeUp: AutoResetEvent;
  inFlightAttempts: ReturnType<typeof createInFlightAttempts>;
  /** Ends what is slept through. */
  sleepAbort: AbortController;
  hasTimeout: boolean;
}

/** One for each endpoint, so that a process never competes with itself. */
const loops = new WeakMap<Store, Map<string, EndpointLoop>>();

const createLoop = (platform: WebhookPlatform, project: string, endpoint: string): EndpointLoop => {
  const wakeUp = createAutoResetEvent();
  return {
    project,
    endpoint,
    admissionBuffer: createAdmissionBuffer(platform.clock),
    wakeUp,
    inFlightAttempts: createInFlightAttempts(platform, wakeUp.set),
    sleepAbort: new AbortController(),
    hasTimeout: false,
  };
};

/** One that could not be let in goes back: it is still due. */
const startIfDue = async (
  platform: WebhookPlatform,
  { admissionBuffer, inFlightAttempts }: EndpointLoop,
  delivery: Item<'DELIVERY'>,
): Promise<number> => {
  try {
    const claims = await claimIfDue(platform, delivery);
    for (const claim of claims) inFlightAttempts.start(claim);
    return claims.length;
  } catch (error) {
    admissionBuffer.add(delivery.id);
    throw error;
  }
};

/** Records what has ended and lets in whoever came, in one breath: both share a transaction. True when some went in. */
const flushAndClaim = async (
  platform: WebhookPlatform,
  runLoop: EndpointLoop,
): Promise<boolean> => {
  const { project, endpoint, admissionBuffer, inFlightAttempts } = runLoop;
  const taken =
    admissionBuffer.size() > 0
      ? await takeBuffered(
          platform,
          project,
          endpoint,
          admissionBuffer,
          inFlightAttempts.completed(),
        )
      : [];
  const recorded = inFlightAttempts.flush();
  const entries = await Promise.allSettled(
    taken.map((delivery) => startIfDue(platform, runLoop, delivery)),
  );
  await recorded;
  for (const entry of entries) if (entry.status === 'rejected') throw entry.reason;
  return entries.some((entry) => entry.status === 'fulfilled' && entry.value > 0);
};

/** Rings once the first in the anteroom has waited for too long. */
const scheduleTimeout = ({ clock }: WebhookPlatform, runLoop: EndpointLoop): void => {
  const { admissionBuffer, wakeUp, sleepAbort } = runLoop;
  if (runLoop.hasTimeout || admissionBuffer.size() === 0) return;
  runLoop.hasTimeout = true;
  void clock
    .sleep(Math.max(1, admissionBuffer.nextTimeoutAt() - clock.now()), sleepAbort.signal)
    .then(() => {
      runLoop.hasTimeout = false;
      wakeUp.set();
    });
};

/** Begins what may go now, or waits for what changes that; false when there is nothing to wait for. */
const step = async (platform: WebhookPlatform, runLoop: EndpointLoop): Promise<boolean> => {
  const { clock } = platform;
  const { project, endpoint, admissionBuffer, inFlightAttempts, wakeUp, sleepAbort } = runLoop;
  const started = await flushAndClaim(platform, runLoop);
  const { claims, retryAt = Number.POSITIVE_INFINITY } = await claimFromBacklog(
    platform,
    project,
    endpoint,
  );
  for (const claim of claims) inFlightAttempts.start(claim);
  if (started || claims.length > 0 || admissionBuffer.nextTimeoutAt() <= clock.now()) return true;
  const wait = retryAt - clock.now();
  const isShort = wait <= maxInlineWaitMs;
  if (inFlightAttempts.isIdle() && admissionBuffer.size() === 0 && !isShort && !wakeUp.isSet())
    return false;
  scheduleTimeout(platform, runLoop);
  await wakeUp.wait(isShort ? clock.sleep(Math.max(1, wait), sleepAbort.signal) : undefined);
  return true;
};

/** What is left when time is up. */
const handOff = ({ project, endpoint, admissionBuffer }: EndpointLoop): Hint[] => [
  ...admissionBuffer
    .leave(admissionBuffer.size(), admissionBuffer.size())
    .map((delivery): Hint => hints.delivery(project, delivery)),
  hints.backlog(project, endpoint),
];

const runLoop = async (
  platform: WebhookPlatform,
  at: EndpointLoop,
  budget: Deadline,
  end: () => void,
): Promise<void> => {
  const { inFlightAttempts, wakeUp, sleepAbort } = at;
  let isDone = false;
  let hasFailed = true;
  try {
    while (!isDone && hasTime(platform, budget)) isDone = !(await step(platform, at));
    hasFailed = false;
  } finally {
    end();
    sleepAbort.abort();
    // Somebody may have come after the last look.
    if (!isDone || at.admissionBuffer.size() > 0)
      await enqueueHints(platform, handOff(at), hasFailed ? retryAfterErrorMs : 0);
    while (!inFlightAttempts.isIdle()) {
      await inFlightAttempts.flush();
      if (!inFlightAttempts.isIdle()) await wakeUp.wait();
    }
  }
  inFlightAttempts.throwIfFailed();
};

/**
 * Lets pass what stands in line behind an endpoint's gate, in order, and what has just come, as far as the gate allows,
 * until nothing is left or time is up. Where that is being done already it is only pointed out that there may be more.
 */
export const dispatch = async (
  platform: WebhookPlatform,
  project: string,
  endpoint: string,
  budget: Deadline,
  delivery?: string,
): Promise<void> => {
  if (!hasTime(platform, budget)) {
    await enqueueHints(platform, [
      delivery === undefined ? hints.backlog(project, endpoint) : hints.delivery(project, delivery),
    ]);
    return;
  }
  const running = loops.get(platform.store) ?? new Map<string, EndpointLoop>();
  loops.set(platform.store, running);
  const name = `${project} ${endpoint}`;
  const there = running.get(name);
  const at = there ?? createLoop(platform, project, endpoint);
  if (delivery !== undefined) at.admissionBuffer.add(delivery);
  if (there) return there.wakeUp.set();
  running.set(name, at);
  const leave = takePart(platform.store);
  try {
    await runLoop(platform, at, budget, () => running.delete(name));
  } finally {
    leave();
  }
};
