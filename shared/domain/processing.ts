import type { ErrorInfo } from './errors.ts';

/** When turns are refined that need not be refined at once. */
export interface ProcessingSettings {
  /** false: turns wait until processing is requested. */
  autoProcess?: boolean;
  /** Messages that are refined together: turns wait until so many are there. */
  batchThreshold?: number;
  /** Seconds without a new turn after which fewer messages are refined, too. */
  idleSeconds?: number;
}

/** Settings of one entity, which replace those of its project one by one. */
export interface EntitySettings extends ProcessingSettings {
  /** ms since 1970. */
  updatedAt: number;
}

/** Why a pending turn may wait: the settings that were in force when it was accepted. */
export interface Hold {
  /** Messages of the turn. */
  messages: number;
  /** Number of messages of all waiting turns at which the wait ends; absent: no number ends the wait. */
  threshold?: number;
  /** End of the wait if no turn follows this one, ms since 1970; absent: no idle time ends the wait. */
  idleAt?: number;
}

/** Default of `batchThreshold`: every turn is refined at once. */
export const defaultThreshold = 1;

/** The hold of a turn under these settings; undefined for a turn that is to be refined at once. */
export const holdOf = (
  { autoProcess = true, batchThreshold = defaultThreshold, idleSeconds }: ProcessingSettings,
  messages: number,
  now: number,
): Hold | undefined => {
  if (!autoProcess) return { messages };
  if (messages >= batchThreshold) return undefined;
  return {
    messages,
    threshold: batchThreshold,
    ...(idleSeconds === undefined ? {} : { idleAt: now + idleSeconds * 1_000 }),
  };
};

/**
 * Lease on a scope: one worker at a time refines the scope. Accepting a turn never writes this item, so adds never conflict
 * with the worker.
 */
export interface ScopeLease {
  /** Fencing token: every write of the worker requires that this is still the token of its claim. */
  token?: string;
  /** End of the lease, ms since 1970. Absent, as the token, until the first claim. */
  leaseUntil?: number;
  /** Backoff: no worker claims the scope before this time, whatever hints arrive. */
  notBefore?: number;
  /** Start of the scope's current wait for the language model. */
  waitingSince?: number;
  /** Mark of the open tasks, by which a worker that does not know the latest request writes nothing. */
  mark?: string;
}

/** A request to process a scope that is not finished: it covers the turns that were pending when it was made. */
export interface OpenTask {
  /** Id of its event. */
  id: string;
  /** Newest turn that it covers. */
  through: string;
  /** Whether held turns are refined because of it. Otherwise it only follows what is refined anyway. */
  releases: boolean;
  /** Whether refinement of its turns has begun. */
  isRunning?: true;
  /** Memories that its turns added and updated so far. */
  added: number;
  updated: number;
  /** Error of the first of its turns that failed. */
  error?: ErrorInfo;
}

/** Open tasks of a scope. There is no item while there are none and nothing was released. */
export interface ScopeTasks {
  project: string;
  scope: string;
  /** New with every write, as the condition of concurrent ones. */
  revision: string;
  /** New with every request; absent before the first. The scope's lease has the same one. */
  mark?: string;
  /** Oldest first. */
  open: OpenTask[];
  /** Held turns up to this one are refined, because their number or their idle time was reached. */
  releasedThrough?: string;
}

/** The newest turn that tasks and earlier decisions release; undefined when they release none. */
export const releasedBy = (tasks: ScopeTasks | undefined): string | undefined =>
  [
    ...(tasks?.releasedThrough === undefined ? [] : [tasks.releasedThrough]),
    ...(tasks?.open ?? []).flatMap(({ releases, through }) => (releases ? [through] : [])),
  ]
    .sort()
    .at(-1);
