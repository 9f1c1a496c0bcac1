import type { Key } from '../domain/items.ts';
import type { Backstage } from '../ports/platform.ts';
import type { Hint } from '../ports/queue.ts';
import { hint } from './hint.ts';

/** Hints of one sweep; more than a minute's work is left to the next. */
const most = 2_000;

/** `X#project#rest` of a partition key. */
const partsOf = ({ pk }: Key): { project: string; rest: string } => {
  const [, project = '', ...rest] = pk.split('#');
  return { project, rest: rest.join('#') };
};

/** The hint that gets a due item done; undefined for kinds that never are due. */
const hintFor = (key: Key): Hint | undefined => {
  const { project, rest } = partsOf(key);
  switch (key.kind) {
    case 'PEND':
      return { v: 1, kind: 'refine', project, scope: rest };
    case 'MEMORY':
      return { v: 1, kind: 'index', project, memory: rest };
    case 'TURN':
      return { v: 1, kind: 'settle', project, turn: rest };
    case 'JOB':
      return { v: 1, kind: 'job', project, job: rest };
    case 'OUTBOX':
      return { v: 1, kind: 'outbox', project, outbox: rest };
    default:
      return undefined;
  }
};

/**
 * Hints at everything that is due: what a lost hint or a crash left behind. Hints again until it is done, which does no harm.
 * Answers how many hints, and how overdue the oldest is in ms: a stall shows here.
 */
export const sweep = async (
  platform: Backstage,
): Promise<{ hints: number; oldestMs: number; purged: number }> => {
  const { store, clock } = platform;
  const now = clock.now();
  const due = await store.due({ until: now, limit: most });
  const hints = new Map<string, Hint>();
  for (const { key } of due) {
    const found = hintFor(key);
    if (found) hints.set(JSON.stringify(found), found);
  }
  await hint(platform, [...hints.values()]);
  const purged = await store.purge(now);
  const oldestMs = due[0] ? now - due[0].dueAt : 0;
  return { hints: hints.size, oldestMs, purged };
};
