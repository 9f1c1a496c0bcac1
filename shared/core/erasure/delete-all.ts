import { maxCutoffs, mayHold, withCutoff, withoutExpired } from '../../domain/memory/cutoff.ts';
import { anyId, type Entities, type Entity } from '../../domain/memory/entities.ts';
import type { Partition } from '../../domain/memory/filter.ts';
import { entityRecordKey, jobKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { entityIsAt } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { countOne, type Full } from '../projects/quota.ts';
import { newEvent, put } from '../steps.ts';
import { holderOf, matchesOf } from './cutoff-holder.ts';

const partitionOf = ({ kind, id }: Entity): Partition => (id === anyId ? 'project' : { kind, id });

const cutoffSteps = async (
  platform: Platform,
  project: string,
  matches: readonly Entities[],
  before: string,
): Promise<Step[] | Full> => {
  const holders = matches.map(holderOf);
  const keys = holders.map((holder) => entityRecordKey(project, holder));
  const records = await platform.store.getMany(keys);
  const now = platform.clock.now();
  const steps: Step[] = [];
  for (const [index, holder] of holders.entries()) {
    const { revision = 0, cutoffs = [], createdAt = now } = records[index] ?? {};
    const held = withoutExpired(cutoffs, now);
    const next = withCutoff(held, { match: matches[index] ?? {}, before });
    if (!mayHold(next, held)) return { outcome: 'full', of: 'cutoffs', limit: maxCutoffs };
    const record = { ...holder, createdAt, revision: revision + 1, cutoffs: next };
    steps.push(put(entityRecordKey(project, holder), record, entityIsAt(revision)));
  }
  return steps;
};

/** Of jobs, those that are not over. */
const stillRunning =
  ({ store }: Platform, project: string) =>
  async (ids: readonly string[]): Promise<string[]> => {
    const jobs = await store.getMany(ids.map((id) => jobKey(project, id)));
    return ids.filter((_, index) => jobs[index] !== undefined);
  };

/** The event that is answered, and the job that erases. */
const jobSteps = (
  project: string,
  event: string,
  match: Entities | 'everything',
  before: string,
  now: number,
): Step[] => {
  const everything = match === 'everything';
  return [
    newEvent({
      id: event,
      project,
      kind: 'DELETE_ALL',
      entities: everything ? {} : match,
      createdAt: now,
    }),
    put(jobKey(project, event), {
      id: event,
      project,
      kind: 'forget',
      match: everything ? {} : match,
      before,
      partitions: [everything ? 'project' : partitionOf(holderOf(match))],
      counts: { memories: 0, turns: 0 },
      dueAt: now,
    }),
  ];
};

/**
 * Forgets everything that names `match` and was accepted before now. Readers honour it as soon as this resolves; what is
 * left to erase is a durable job, whose event is answered. `'*'` as an id: any of the kind.
 */
export const deleteAll = async (
  platform: Platform,
  project: string,
  match: Entities | 'everything',
): Promise<{ outcome: 'begun'; event: string } | Full> => {
  const matches = matchesOf(match);
  const event = platform.ids.next();
  for (;;) {
    const before = platform.ids.next();
    const now = platform.clock.now();
    const running = stillRunning(platform, project);
    const counted = await countOne(platform, project, 'jobs', event, running);
    if ('outcome' in counted) return counted;
    const hiding = await cutoffSteps(platform, project, matches, before);
    if ('outcome' in hiding) return hiding;
    const { committed } = await commit(platform, [
      ...hiding,
      ...jobSteps(project, event, match, before, now),
      counted,
    ]);
    if (!committed) continue;
    await enqueueHints(platform, [hints.job(project, event)]);
    return { outcome: 'begun', event };
  }
};
