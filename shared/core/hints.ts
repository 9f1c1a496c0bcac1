import { toErrorInfo } from '../domain/errors.ts';
import { attachmentsOf } from '../domain/memory/attachment.ts';
import type { Turn } from '../domain/memory/turn.ts';
import type { Platform } from '../ports/platform.ts';
import type { FollowedTurn, Hint, Submission } from '../ports/queue.ts';

/** Longest delay of a hint, ms. Work that is due later is left to the sweeper. */
export const maxQueueDelayMs = 900_000;

type HintOf<K extends Hint['kind']> = Extract<Hint, { kind: K }>;

/** Memories that one hint names: as many as the indexer submits at once. */
const memoriesPerHint = 100;

/** Constructors, one per kind of hint. */
export const hints = {
  refine: (project: string, scope: string): HintOf<'refine'> => ({
    v: 1,
    kind: 'refine',
    project,
    scope,
  }),
  index: (project: string, memory: string): HintOf<'index'> => ({
    v: 1,
    kind: 'index',
    project,
    memory,
  }),
  /** Few hints for many memories. */
  indexAll: (
    project: string,
    memories: readonly string[],
    submission?: Submission,
  ): HintOf<'index'>[] => {
    const all: HintOf<'index'>[] = [];
    for (let at = 0; at < memories.length; at += memoriesPerHint) {
      const [memory = '', ...more] = memories.slice(at, at + memoriesPerHint);
      const versions = submission?.versions.slice(at, at + memoriesPerHint);
      all.push({
        ...hints.index(project, memory),
        ...(more.length > 0 ? { more } : {}),
        ...(submission && versions ? { submission: { ...submission, versions } } : {}),
      });
    }
    return all;
  },
  finish: (
    project: string,
    turn: string,
    known: Omit<FollowedTurn, 'turn'> = {},
  ): HintOf<'finish'> => ({ v: 1, kind: 'finish', project, turn, ...known }),
  files: (project: string, turn: string): HintOf<'files'> => ({
    v: 1,
    kind: 'files',
    project,
    turn,
  }),
  /** After words of a turn were erased: its entries in the index, and its files if it has any, are to be removed. */
  erased: ({ project, id, blobs, messages }: Turn): Hint[] => [
    hints.finish(project, id),
    // A worker may have stored the file of a link since the turn was read.
    ...(blobs || attachmentsOf({ messages }).length > 0 ? [hints.files(project, id)] : []),
  ],
  job: (project: string, job: string): HintOf<'job'> => ({ v: 1, kind: 'job', project, job }),
  derive: (project: string, job: string): HintOf<'derive'> => ({
    v: 1,
    kind: 'derive',
    project,
    job,
  }),
  outbox: (project: string, scope: string, outbox: string): HintOf<'outbox'> => ({
    v: 1,
    kind: 'outbox',
    project,
    scope,
    outbox,
  }),
  delivery: (project: string, delivery: string): HintOf<'delivery'> => ({
    v: 1,
    kind: 'delivery',
    project,
    delivery,
  }),
  backlog: (project: string, endpoint: string): HintOf<'backlog'> => ({
    v: 1,
    kind: 'backlog',
    project,
    endpoint,
  }),
  recovery: (project: string, endpoint: string, recovery: string): HintOf<'recovery'> => ({
    v: 1,
    kind: 'recovery',
    project,
    endpoint,
    recovery,
  }),
};

/** Kinds that go to the notifications queue, for the dispatcher; all others go to the turns queue, for the worker. */
const dispatcherKinds: ReadonlySet<Hint['kind']> = new Set([
  'outbox',
  'delivery',
  'backlog',
  'recovery',
]);

const isForDispatcher = ({ kind }: Pick<Hint, 'kind'>): boolean => dispatcherKinds.has(kind);

/**
 * Enqueues hints, each on the queue of its consumer. Never throws: a hint that cannot be sent is logged and dropped,
 * since its work has a due time, by which the sweeper finds it.
 */
export const enqueueHints = async (
  { turns, notifications, telemetry }: Pick<Platform, 'turns' | 'notifications' | 'telemetry'>,
  batch: readonly Hint[],
  delayMs?: number,
): Promise<void> => {
  const dispatcherHints = batch.filter(isForDispatcher);
  const workerHints = batch.filter((hint) => !isForDispatcher(hint));
  const sends = [
    ...(workerHints.length > 0 ? [turns.send(workerHints, delayMs)] : []),
    ...(dispatcherHints.length > 0 ? [notifications.send(dispatcherHints, delayMs)] : []),
  ];
  for (const result of await Promise.allSettled(sends)) {
    if (result.status === 'rejected')
      telemetry.log('warn', 'hint.send_failed', { code: toErrorInfo(result.reason).code });
  }
};
