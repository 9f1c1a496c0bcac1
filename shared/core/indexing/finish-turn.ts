import { countTerms } from '../../domain/memory/analyzer.ts';
import { roughText, type Turn } from '../../domain/memory/turn.ts';
import { vectorId } from '../../domain/memory/vector-id.ts';
import { memoryKey, recentKeys, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { stillThere, turnIsApplied, turnIsRough } from '../conditions.ts';
import { eraseTurnText } from '../erasure/erase-turn.ts';
import { roughView } from '../retrieval/view.ts';
import { remove, update } from '../steps.ts';
import { retention } from '../ttl.ts';

const recheckAfterMs = 30_000;
/** By then a write to the index that was under way has ended. */
const inFlightWriteMs = 60_000;

const roughEntry = (turn: Turn) => ({ ...turn, id: vectorId(turn.id, 0) });

/** A turn that stays rough for long is indexed verbatim, so that it is found when newer pointers crowd out its own. */
const indexRough = async (platform: Platform, turn: Turn): Promise<void> => {
  const { embedder, vectorIndex } = platform;
  const key = turnKey(turn.project, turn.id);
  // Marked before it is written: whoever ends the turn knows that there may be an entry, even if we never come back.
  if (!(await commit(platform, [update(key, { indexed: true }, turnIsRough)])).committed) return;
  const text = roughText(turn);
  const [vector] = await embedder.embed([text], { project: turn.project });
  const { id, entities, metadata, categories, createdAt, updatedAt, observedAt } = roughView(turn);
  await vectorIndex.upsert(turn.project, [
    {
      id: vectorId(id, 0),
      ...(vector ? { dense: { model: embedder.model, vector } } : {}),
      terms: countTerms(text),
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

/** Direct reads of an applied turn end once the index holds its memories; a turn that taught nothing keeps no text. */
const endDirectReads = async (platform: Platform, turn: Turn): Promise<void> => {
  const { project, id } = turn;
  if (!(await isIndexed(platform, turn))) {
    const dueAt = platform.clock.now() + recheckAfterMs;
    await commit(platform, [update(turnKey(project, id), { dueAt }, turnIsApplied)]);
    return;
  }
  const isOfUse = (turn.memoryIds ?? []).length > 0;
  if (!isOfUse) await eraseTurnText(platform, turn);
  // Counted from here: as long as pointers lead to the turn, its memories are found through it.
  const kept = isOfUse ? retention(platform.policy.retainTurnsDays, platform.clock.now()) : {};
  await commit(platform, [
    update(turnKey(project, id), kept, turnIsApplied, ['dueAt']),
    ...recentKeys(project, turn, id).map((key) => remove(key)),
  ]);
};

/** Its entry is removed a second time once nobody who read it as rough can still be writing it. */
const endCancelled = async (platform: Platform, turn: Turn): Promise<void> => {
  const again = { indexed: false, dueAt: platform.clock.now() + inFlightWriteMs };
  const [set, removed] = turn.indexed ? [again, []] : [{}, ['dueAt', 'indexed'] as const];
  await commit(platform, [update(turnKey(turn.project, turn.id), set, stillThere, removed)]);
};

/**
 * What a turn's due time asks for. Safe to repeat.
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
  else await endCancelled(platform, turn);
};
