import { toErrorInfo } from '../domain/errors.ts';
import type { Platform } from '../ports/platform.ts';
import type { Hint } from '../ports/queue.ts';

/** What customers are told goes through a queue of its own. */
const forDispatcher: ReadonlySet<Hint['kind']> = new Set([
  'outbox',
  'delivery',
  'backlog',
  'recovery',
]);

/** Hints that work waits. A hint that cannot be sent is logged and let go: the work has a due time, and the sweeper finds it. */
export const enqueueHints = async (
  { turns, notifications, telemetry }: Pick<Platform, 'turns' | 'notifications' | 'telemetry'>,
  hints: readonly Hint[],
  delayMs?: number,
): Promise<void> => {
  const dispatcherHints = hints.filter(({ kind }) => forDispatcher.has(kind));
  const work = hints.filter(({ kind }) => !forDispatcher.has(kind));
  const sends = [
    ...(work.length > 0 ? [turns.send(work, delayMs)] : []),
    ...(dispatcherHints.length > 0 ? [notifications.send(dispatcherHints, delayMs)] : []),
  ];
  for (const result of await Promise.allSettled(sends)) {
    if (result.status === 'rejected')
      telemetry.log('warn', 'hint.send_failed', { code: toErrorInfo(result.reason).code });
  }
};
