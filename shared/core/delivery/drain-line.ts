import type { Item } from '../../domain/items.ts';
import type { Dispatch } from '../../ports/platform.ts';
import type { Hint } from '../../ports/queue.ts';
import type { Store } from '../../ports/store.ts';
import { hint } from '../hint.ts';
import type { Budget } from '../refine/refine.ts';
import { type Anteroom, createAnteroom } from './anteroom.ts';
import { type Bell, createBell } from './bell.ts';
import { createCrew } from './crew.ts';
import { takePart } from './fair-share.ts';
import { takeFromLine } from './line.ts';
import { callIn, claimIfDue } from './take-in.ts';

/** What an attempt takes besides the receiver's time. */
const slackMs = 5_000;
/** A gate that opens sooner than this is waited for. */
const shortWaitMs = 2_000;

const hasTime = ({ clock, policy }: Dispatch, { deadlineAt, signal }: Budget): boolean =>
  !signal.aborted && clock.now() + policy.webhookTimeoutMs + slackMs <= deadlineAt;

/** What failed is not tried again at once. */
const afterFailureMs = 1_000;

/** Whoever lets deliveries to an endpoint pass in this process: those in its line, and those that just came. */
interface Drain {
  project: string;
  endpoint: string;
  anteroom: Anteroom;
  /** Rings when somebody came, gave back a slot, or waited for too long: it is worth another look. */
  bell: Bell;
  crew: ReturnType<typeof createCrew>;
  /** Ends what is slept through. */
  rest: AbortController;
  isReminded: boolean;
}

/** One for each endpoint, so that a process never competes with itself. */
const drains = new WeakMap<Store, Map<string, Drain>>();

const createDrain = (platform: Dispatch, project: string, endpoint: string): Drain => {
  const bell = createBell();
  return {
    project,
    endpoint,
    anteroom: createAnteroom(platform.clock),
    bell,
    crew: createCrew(platform, bell.ring),
    rest: new AbortController(),
    isReminded: false,
  };
};

/** One that could not be let in goes back: it is still due. */
const letIn = async (
  platform: Dispatch,
  { anteroom, crew }: Drain,
  delivery: Item<'DELIVERY'>,
): Promise<number> => {
  try {
    const claims = await claimIfDue(platform, delivery);
    for (const claim of claims) crew.begin(claim);
    return claims.length;
  } catch (error) {
    anteroom.enter(delivery.id);
    throw error;
  }
};

/** Records what has ended and lets in whoever came, in one breath: both share a transaction. True when some went in. */
const turnOver = async (platform: Dispatch, drain: Drain): Promise<boolean> => {
  const { project, endpoint, anteroom, crew } = drain;
  const called =
    anteroom.size() > 0
      ? await callIn(platform, project, endpoint, anteroom, crew.unrecorded())
      : [];
  const recorded = crew.record();
  const entries = await Promise.allSettled(
    called.map((delivery) => letIn(platform, drain, delivery)),
  );
  await recorded;
  for (const entry of entries) if (entry.status === 'rejected') throw entry.reason;
  return entries.some((entry) => entry.status === 'fulfilled' && entry.value > 0);
};

/** Rings once the first in the anteroom has waited for too long. */
const remind = ({ clock }: Dispatch, drain: Drain): void => {
  const { anteroom, bell, rest } = drain;
  if (drain.isReminded || anteroom.size() === 0) return;
  drain.isReminded = true;
  void clock.sleep(Math.max(1, anteroom.impatientAt() - clock.now()), rest.signal).then(() => {
    drain.isReminded = false;
    bell.ring();
  });
};

/** Begins what may go now, or waits for what changes that; false when there is nothing to wait for. */
const step = async (platform: Dispatch, drain: Drain): Promise<boolean> => {
  const { clock } = platform;
  const { project, endpoint, anteroom, crew, bell, rest } = drain;
  const wentIn = await turnOver(platform, drain);
  const { claims, opensAt = Number.POSITIVE_INFINITY } = await takeFromLine(
    platform,
    project,
    endpoint,
  );
  for (const claim of claims) crew.begin(claim);
  if (wentIn || claims.length > 0 || anteroom.impatientAt() <= clock.now()) return true;
  const wait = opensAt - clock.now();
  const isShort = wait <= shortWaitMs;
  if (crew.isIdle() && anteroom.size() === 0 && !isShort && !bell.hasRung()) return false;
  remind(platform, drain);
  await bell.wait(isShort ? clock.sleep(Math.max(1, wait), rest.signal) : undefined);
  return true;
};

/** What is left when time is up. */
const leftovers = ({ project, endpoint, anteroom }: Drain): Hint[] => [
  ...anteroom
    .leave(anteroom.size(), anteroom.size())
    .map((delivery): Hint => ({ v: 1, kind: 'delivery', project, delivery })),
  { v: 1, kind: 'gate', project, endpoint },
];

const drain = async (
  platform: Dispatch,
  at: Drain,
  budget: Budget,
  end: () => void,
): Promise<void> => {
  const { crew, bell, rest } = at;
  let isDone = false;
  let hasFailed = true;
  try {
    while (!isDone && hasTime(platform, budget)) isDone = !(await step(platform, at));
    hasFailed = false;
  } finally {
    end();
    rest.abort();
    // Somebody may have come after the last look.
    if (!isDone || at.anteroom.size() > 0)
      await hint(platform, leftovers(at), hasFailed ? afterFailureMs : 0);
    while (!crew.isIdle()) {
      await crew.record();
      if (!crew.isIdle()) await bell.wait();
    }
  }
  crew.check();
};

/**
 * Lets pass what stands in line behind an endpoint's gate, in order, and what has just come, as far as the gate allows,
 * until nothing is left or time is up. Where that is being done already it is only pointed out that there may be more.
 */
export const drainLine = async (
  platform: Dispatch,
  project: string,
  endpoint: string,
  budget: Budget,
  delivery?: string,
): Promise<void> => {
  if (!hasTime(platform, budget)) {
    await hint(platform, [
      delivery === undefined
        ? { v: 1, kind: 'gate', project, endpoint }
        : { v: 1, kind: 'delivery', project, delivery },
    ]);
    return;
  }
  const running = drains.get(platform.store) ?? new Map<string, Drain>();
  drains.set(platform.store, running);
  const name = `${project} ${endpoint}`;
  const there = running.get(name);
  const at = there ?? createDrain(platform, project, endpoint);
  if (delivery !== undefined) at.anteroom.enter(delivery);
  if (there) return there.bell.ring();
  running.set(name, at);
  const leave = takePart(platform.store);
  try {
    await drain(platform, at, budget, () => running.delete(name));
  } finally {
    leave();
  }
};
