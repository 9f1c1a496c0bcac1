import { mapConcurrent } from '../../domain/map-concurrent.ts';
import { cutOffBy } from '../../domain/memory/cutoff-index.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import type { Job } from '../../domain/table/items.ts';
import { recentKeys, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { removeLostFiles } from '../attachments/remove-lost-files.ts';
import { commitTogether } from '../commit-together.ts';
import { cancelTurn } from '../erasure/cancel-turn.ts';
import { eraseFromChanges, eraseTurnTexts, unindexErased } from '../erasure/erase-turn.ts';
import { removeMessages } from '../indexing/index-messages.ts';
import { readTurns } from '../retrieval/recent.ts';
import { remove } from '../steps.ts';
import type { JobCounter } from './job-counter.ts';

/** Turns read and erased together; each may be large. */
const turnsPerPart = 64;
const partsInFlight = 3;

/**
 * Cancels turns that are not refined, and removes their messages from the index, and their files. Returns the turns that a worker
 * applied meanwhile: it had read the cutoffs before the delete-all.
 */
const cancel = async (
  platform: Platform,
  project: string,
  counter: JobCounter,
  turns: readonly Turn[],
): Promise<Turn[]> => {
  await mapConcurrent(turns, (turn) =>
    counter.count('turns', (counting) => cancelTurn(platform, turn, counting)),
  );
  const items = await platform.store.getMany(turns.map(({ id }) => turnKey(project, id)));
  const ended = items.flatMap((turn) => (turn?.state === 'cancelled' ? [turn] : []));
  await removeMessages(platform, project, ended);
  await removeLostFiles(platform, ended);
  return items.flatMap((turn) => (turn?.state === 'applied' ? [turn] : []));
};

/** Erases refined turns, with what the changes of their events quote. */
const erase = async (
  platform: Platform,
  { project, metadata }: Job,
  turns: readonly Turn[],
): Promise<void> => {
  const events = turns.map(({ event }) => ({ event, memories: 'all' as const }));
  const parts: (() => Promise<unknown>)[] = [
    () => eraseTurnTexts(platform, project, turns),
    () => eraseFromChanges(platform, project, events),
  ];
  await mapConcurrent(parts, (part) => part());
  await unindexErased(
    platform,
    project,
    turns.map(({ id }) => id),
  );
  // A memory of the turn may have got other metadata since: the pointers go once the index holds that memory.
  if (metadata) return;
  // The cutoff hides every memory that a pointer to one of the turns leads to.
  await commitTogether(
    platform,
    turns.map((turn) => ({
      subject: turn,
      steps: recentKeys(project, turn, turn.id).map((key) => remove(key)),
      bytes: 0,
    })),
  );
};

/** Whether a job concerns a turn. An erased turn has lost its metadata: its erasure may have been interrupted. */
const coverageOf = ({ match, metadata, before }: Job): ((turn: Turn) => boolean) => {
  const names = cutOffBy([{ match, before }]);
  const covers = metadata ? cutOffBy([{ match, metadata, before }]) : names;
  return (turn) => (turn.erased ? names(turn) : covers(turn));
};

/**
 * Cancels the turns of a delete-all that were not refined, and erases the others with the pointers to them. Safe to repeat
 * after a crash: a cancelled turn is counted in the transaction that cancels it.
 * @throws JobLeaseLost
 */
export const deleteTurns = async (
  platform: Platform,
  job: Job,
  counter: JobCounter,
  ids: readonly string[],
): Promise<void> => {
  const isCovered = coverageOf(job);
  const parts: string[][] = [];
  for (let at = 0; at < ids.length; at += turnsPerPart)
    parts.push(ids.slice(at, at + turnsPerPart));
  const deletePart = async (part: readonly string[]): Promise<void> => {
    const turns = await readTurns(platform, job.project, part);
    const covered = turns.filter(isCovered);
    const rough = covered.filter(({ state }) => state === 'pending' || state === 'failed');
    const meanwhile = await cancel(platform, job.project, counter, rough);
    const applied = covered.filter(({ state }) => state === 'applied');
    await erase(platform, job, [...applied, ...meanwhile.filter(isCovered)]);
  };
  await mapConcurrent(parts, deletePart, partsInFlight);
};
