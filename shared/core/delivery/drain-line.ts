import type { Dispatch } from '../../ports/platform.ts';
import type { Store } from '../../ports/store.ts';
import { hint } from '../hint.ts';
import type { Budget } from '../refine/refine.ts';
import type { Claim } from './admission.ts';
import { attempt } from './attempt.ts';
import { takeFromLine } from './line.ts';

/** What an attempt takes besides the receiver's time. */
const slackMs = 5_000;
/** A gate that opens sooner than this is waited for. */
const shortWaitMs = 2_000;

export const hasTime = ({ clock, policy }: Dispatch, { deadlineAt, signal }: Budget): boolean =>
  !signal.aborted && clock.now() + policy.webhookTimeoutMs + slackMs <= deadlineAt;

/** Whoever lets a line pass in this process. */
interface Drain {
  /** Somebody gave back a slot or came too late: look at the line again. */
  look(): void;
}

/** One for each endpoint, so that a process never competes with itself. */
const drains = new WeakMap<Store, Map<string, Drain>>();

/** Attempts under way; one that fails to be made does not keep the others from it. */
const createCrew = (platform: Dispatch, ended: () => void) => {
  const atWork = new Set<Promise<void>>();
  const failures: unknown[] = [];
  return {
    begin(claim: Claim): void {
      const work = attempt(platform, claim)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => {
          atWork.delete(work);
          ended();
        });
      atWork.add(work);
    },
    isIdle: () => atWork.size === 0,
    /** @throws what the first of them failed with */
    async finish(): Promise<void> {
      await Promise.all(atWork);
      if (failures.length > 0) throw failures[0];
    },
  };
};

/** Something to wait for that happens again and again; what happens between two waits counts for the next. */
const createBell = () => {
  let hasRung = false;
  let wake = (): void => {};
  return {
    ring(): void {
      hasRung = true;
      wake();
    },
    async wait(atMost?: Promise<void>): Promise<void> {
      const rung = new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (!hasRung) await (atMost ? Promise.race([rung, atMost]) : rung);
      hasRung = false;
    },
    hasRung: () => hasRung,
  };
};

/** Somebody at work, and what they wait for. */
interface Shift {
  crew: ReturnType<typeof createCrew>;
  bell: ReturnType<typeof createBell>;
  /** Ends what is slept through. */
  rest: AbortSignal;
}

/** Begins what may go now, or waits for what changes that; false when there is nothing to wait for. */
const step = async (
  platform: Dispatch,
  project: string,
  endpoint: string,
  { crew, bell, rest }: Shift,
): Promise<boolean> => {
  const { clock } = platform;
  const { claims, opensAt = Number.POSITIVE_INFINITY } = await takeFromLine(
    platform,
    project,
    endpoint,
  );
  for (const claim of claims) crew.begin(claim);
  if (claims.length > 0) return true;
  const wait = opensAt - clock.now();
  const isShort = wait <= shortWaitMs;
  if (crew.isIdle() && !isShort && !bell.hasRung()) return false;
  await bell.wait(isShort ? clock.sleep(Math.max(1, wait), rest) : undefined);
  return true;
};

const drain = async (
  platform: Dispatch,
  project: string,
  endpoint: string,
  budget: Budget,
  bell: ReturnType<typeof createBell>,
  end: () => void,
): Promise<void> => {
  const crew = createCrew(platform, bell.ring);
  const rest = new AbortController();
  try {
    while (hasTime(platform, budget))
      if (!(await step(platform, project, endpoint, { crew, bell, rest: rest.signal }))) return;
    await hint(platform, [{ v: 1, kind: 'gate', project, endpoint }]);
  } finally {
    end();
    rest.abort();
    await crew.finish();
  }
};

/**
 * Lets pass what stands in line behind an endpoint's gate, in order, as far as the gate allows, until nothing is left or
 * time is up. Where that is being done already it is only pointed out that there may be more.
 */
export const drainLine = async (
  platform: Dispatch,
  project: string,
  endpoint: string,
  budget: Budget,
): Promise<void> => {
  if (!hasTime(platform, budget)) {
    await hint(platform, [{ v: 1, kind: 'gate', project, endpoint }]);
    return;
  }
  const running = drains.get(platform.store) ?? new Map<string, Drain>();
  drains.set(platform.store, running);
  const name = `${project} ${endpoint}`;
  const there = running.get(name);
  if (there) return there.look();
  const bell = createBell();
  running.set(name, { look: bell.ring });
  await drain(platform, project, endpoint, budget, bell, () => running.delete(name));
};
