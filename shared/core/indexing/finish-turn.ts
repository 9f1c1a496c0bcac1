import { countTerms } from '../../domain/memory/analyzer.ts';
import { roughText, type Turn } from '../../domain/memory/turn.ts';
import { vectorId } from '../../domain/memory/vector-id.ts';
import { memoryKey, recentKeys, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { itemExists, turnIsApplied, turnIsRough } from '../conditions.ts';
import { eraseTurnText } from '../erasure/erase-turn.ts';
import { roughView } from '../retrieval/view.ts';
import { remove, update } from '../steps.ts';
import { retention } from '../ttl.ts';

/** Interval between checks while the index does not show all memories of a turn. */
const recheckAfterMs = 30_000;
/** Time after which a write to the index that was in flight has ended. */
const inFlightWriteMs = 60_000;

const roughEntry = (turn: Turn) => ({ ...turn, id: vectorId(turn.id, 0) });

/** Indexes a turn that stays rough for long, so that it is found when newer recent pointers crowd out its own. */
const indexRough = async (platform: Platform, turn: Turn): Promise<void> => {
  const { embedder, vectorIndex } = platform;
  const key = turnKey(turn.project, turn.id);
  // The mark is written before the entry: after a crash in between, the end of the turn still removes the entry.
  if (!(await commit(platform, [update(key, { indexed: true }, turnIsRough)])).committed) return;
  const text = roughText(turn);
  const [vector] = await embedder.embed([text], { project: turn.project });
  const { id, entities, metadata, categories, createdAt, updatedAt, observedAt } = roughView(turn);
  await vectorIndex.upsert(turn.project, [
    {
      id: vectorId(id, 0),
      ...(vector ? { dense: { model: embedder.model, vector } } : {}),
      terms: countTerms(text),
      source: { key, when: turnIsRough },
      target: { id, text: '', entities, metadata, categories, createdAt, updatedAt, observedAt },
    },
  ]);
  const { committed } = await commit(platform, [update(key, {}, turnIsRough, ['dueAt'])]);
  if (!committed) await vectorIndex.remove(turn.project, [roughEntry(turn)]);
};

const isIndexed = async ({ store }: Platform, turn: Turn): Promise<boolean> => {
  const ids = turn.memoryIds ?? [];
  const memories = await store.getMany(ids.map((id) => memoryKey(turn.project, id)));
  return memories.every((memory) => memory?.state !== 'live' || memory.dueAt === undefined);
};

/** Ends direct reads of an applied turn once the index holds its memories. The text of a turn without memories is erased. */
const endDirectReads = async (platform: Platform, turn: Turn): Promise<void> => {
  const { project, id } = turn;
  if (!(await isIndexed(platform, turn))) {
    const dueAt = platform.clock.now() + recheckAfterMs;
    await commit(platform, [update(turnKey(project, id), { dueAt }, turnIsApplied)]);
    return;
  }
  const hasMemories = (turn.memoryIds ?? []).length > 0;
  if (!hasMemories) await eraseTurnText(platform, turn);
  // Retention starts here: until its pointers are deleted, searches find the memories through the turn.
  const kept = hasMemories ? retention(platform.policy.retainTurnsDays, platform.clock.now()) : {};
  await commit(platform, [
    update(turnKey(project, id), kept, turnIsApplied, ['dueAt']),
    ...recentKeys(project, turn, id).map((key) => remove(key)),
  ]);
};

/**
 * Finishes a cancelled turn. The index entry is removed a second time after `inFlightWriteMs`: a worker that read the turn
 * as rough may have written the entry after the first removal.
 */
const finishCancelled = async (platform: Platform, turn: Turn): Promise<void> => {
  const recheck = { indexed: false, dueAt: platform.clock.now() + inFlightWriteMs };
  const [set, removed] = turn.indexed ? [recheck, []] : [{}, ['dueAt', 'indexed'] as const];
  await commit(platform, [update(turnKey(turn.project, turn.id), set, itemExists, removed)]);
};

/**
 * Does what the due time of a turn is for: indexes a long-pending turn, ends direct reads of an applied one, or removes a
 * cancelled one from the index. Safe to repeat and to run concurrently: each write is conditional on the turn's state.
 * @throws RetryableError when the index, the embedder or the store cannot be reached; the due time stays
 */
export const finishTurn = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<void> => {
  const turn = await platform.store.get(turnKey(project, id));
  if (turn?.dueAt === undefined || turn.dueAt > platform.clock.now()) return;
  if (turn.state === 'pending' || turn.state === 'failed') {
    await indexRough(platform, turn);
    return;
  }
  if (turn.indexed !== undefined) await platform.vectorIndex.remove(project, [roughEntry(turn)]);
  if (turn.state === 'applied') await endDirectReads(platform, turn);
  else await finishCancelled(platform, turn);
};
