import type { ArchivedFile, ArchivedTurn } from '../../domain/archive.ts';
import { bytesDigest } from '../../domain/digest.ts';
import { digestsOf } from '../../domain/memory/attachment.ts';
import { cutOffBy } from '../../domain/memory/cutoff-index.ts';
import { isFinal } from '../../domain/memory/event.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import {
  eventKey,
  filesKey,
  memoryKey,
  pendingKey,
  recentKeys,
  restatementKey,
  turnKey,
} from '../../domain/table/keys.ts';
import { dayMs } from '../../domain/time.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { entityIsAt, turnIsNew, versionIs } from '../conditions.ts';
import { readCutoffs, recordEntities } from '../cutoffs.ts';
import { enqueueHints, hints } from '../hints.ts';
import { readabilityOf } from '../retrieval/readable-turns.ts';
import { check, put, remove } from '../steps.ts';
import { commitNew, isFromFuture, maxRestoreSteps, type Restored } from './restore.ts';

/** Time after which the messages of a turn that is not refined are indexed. */
const indexPendingAfterMs = 120_000;
/** Time after which files without a turn are removed. */
const abandonedAfterMs = dayMs;

/** A whole file of a turn that is restored after it. */
export type WholeFile = Pick<ArchivedFile, 'turn' | 'digest' | 'ofTurn'> & { bytes: Uint8Array };

/**
 * Stores a file of a turn that is restored later. A record that is written first leads to the files of a turn that never follows, and
 * has them removed after a day. Safe to repeat.
 */
export const restoreFile = async (
  platform: Platform,
  project: string,
  { turn, digest, ofTurn, bytes }: WholeFile,
): Promise<Restored> => {
  if (bytesDigest(bytes) !== digest || !ofTurn.includes(digest)) return 'refused';
  if (await platform.store.get(turnKey(project, turn))) return 'exists';
  const dueAt = platform.clock.now() + abandonedAfterMs;
  await commit(platform, [put(filesKey(project, turn), { blobs: ofTurn, dueAt })]);
  await platform.blobs.put({ project, turn, digest }, bytes);
  return 'restored';
};

/** Memories that the messages of the turn state, as far as they are there. */
const statedMemories = async ({ store }: Platform, { project, drawn = {} }: Turn) => {
  const ids = new Set(Object.values(drawn).flatMap((stated) => Object.keys(stated)));
  const found = await store.getMany([...ids].map((id) => memoryKey(project, id)));
  const memories: Memory[] = found.filter((memory) => memory !== undefined);
  return new Map(memories.map((memory) => [memory.id, memory]));
};

/** Records under memories of messages that state them once more. */
const restatementsOf = (
  { id, project, event, drawn = {} }: Turn,
  memories: ReadonlyMap<string, Memory>,
): Step[] =>
  Object.entries(drawn).flatMap(([position, stated]) =>
    Object.keys(stated).flatMap((name) => {
      const memory = memories.get(name);
      if (!memory || memory.lineage.includes(id)) return [];
      const restated = { turn: id, event, position: Number(position) };
      return [put(restatementKey(project, name, restated), restated)];
    }),
  );

/** Writes by which an open turn is refined. */
const workOf = ({ project, scope, id, event, state }: Turn, now: number): Step[] =>
  state === 'pending'
    ? [
        put(pendingKey(project, scope, id), {
          ...{ turn: id, event, project, scope, failures: 0 },
          dueAt: now,
        }),
      ]
    : [];

/** Steps of the transaction that restores a turn, and restatements that do not fit the transaction; undefined for a deleted turn. */
const turnSteps = async (platform: Platform, whole: Turn) => {
  const { project, id } = whole;
  const now = platform.clock.now();
  const memories = await statedMemories(platform, whole);
  const { cutoffs, revisions } = await readCutoffs(platform, project, [whole]);
  if (cutOffBy(cutoffs)(whole)) return undefined;
  const { readable } = await readabilityOf(platform, project, [whole]);
  const turn = readable(whole);
  const dueAt = turn.state === 'applied' ? now : now + indexPendingAfterMs;
  const steps = [
    put(turnKey(project, id), { ...turn, dueAt }, turnIsNew),
    ...(turn.blobs ? [remove(filesKey(project, id))] : []),
    ...workOf(turn, now),
    ...recentKeys(project, turn, id).map((key) => put(key, { turn: id, entities: turn.entities })),
    ...revisions.map(({ key, revision }) => check(key, entityIsAt(revision))),
    ...[...memories.values()]
      .filter(({ state }) => state !== 'deleted')
      .map((memory) => check(memoryKey(project, memory.id), versionIs(memory.version))),
  ].slice(0, maxRestoreSteps);
  const restatements = restatementsOf(turn, memories);
  const capacity = maxRestoreSteps - steps.length;
  return {
    steps: [...steps, ...restatements.slice(0, capacity)],
    besides: restatements.slice(capacity),
  };
};

/** Commits a turn, again as long as what it rests on changes meanwhile. */
const commitTurn = async (platform: Platform, whole: Turn): Promise<Restored> => {
  for (;;) {
    const writes = await turnSteps(platform, whole);
    if (!writes) return 'deleted';
    const { steps, besides } = writes;
    // Without their turn, restatements lead to nothing.
    for (let at = 0; at < besides.length; at += maxRestoreSteps)
      await commit(platform, besides.slice(at, at + maxRestoreSteps));
    const outcome = await commitNew(platform, steps);
    if (outcome !== 'changed') return outcome === 'committed' ? 'restored' : 'exists';
  }
};

/**
 * Restores a turn after its event and its memories. A refined one is indexed, any other is refined or waits as before. Messages that state
 * a memory which is not there lose their words. Safe to repeat and to run concurrently: a turn of this id stays as it is, and a deletion
 * that comes meanwhile covers the turn or refuses the transaction, which is made again.
 */
export const restoreTurn = async (
  platform: Platform,
  project: string,
  archived: ArchivedTurn,
): Promise<Restored> => {
  if (isFromFuture(platform, archived.id)) return 'refused';
  const digests = [...digestsOf(archived)];
  const whole: Turn = { ...archived, project, ...(digests.length > 0 ? { blobs: digests } : {}) };
  const isPending = whole.state === 'pending';
  const event = await platform.store.get(eventKey(project, whole.event));
  if (isPending && (!event || isFinal(event.status))) return 'refused';
  await recordEntities(platform, project, whole.entities);
  const outcome = await commitTurn(platform, whole);
  if (outcome === 'restored')
    await enqueueHints(platform, [
      isPending ? hints.refine(project, whole.scope) : hints.finish(project, whole.id),
    ]);
  return outcome;
};
