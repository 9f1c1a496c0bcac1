import { entityOfKey } from '../../domain/memory/entities.ts';
import type { Filter, Partition } from '../../domain/memory/filter.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import { roughText, type Turn } from '../../domain/memory/turn.ts';
import type { Platform } from '../../ports/platform.ts';
import { retrieve } from '../retrieval/retrieve.ts';
import type { Lease } from './lease.ts';

/** Memories shown to the model, per turn and per batch: a bound on the tokens of a request. */
const maxPerTurn = 8;
const maxPerBatch = 24;
const maxHits = 30;
/**
 * Memories with a lower score are unrelated to the turn. Far below the scores of search results: a memory that is shown in vain
 * costs some tokens, one that is missed is never updated.
 */
const minScore = 0.02;
/** Best memories of a turn that are shown whatever their scores: "I moved to Oslo" and "Lives in Rome" share no word. */
const minPerTurn = 3;
/** Characters of a turn that form its query. */
const maxQueryLength = 1_200;

/** The partition of the entity that owns the scope. */
const partitionOfScope = (turn: Turn): Partition => entityOfKey(turn.scope);

/**
 * Retrieves the scope's memories that are related to the turns, with the retrieval that serves search (RAG). Strongly
 * consistent for recent writes: a memory of the last applied turn is found before the index has it.
 */
export const retrieveContext = async (
  platform: Platform,
  { scope, signal }: Pick<Lease, 'scope' | 'signal'>,
  turns: readonly Turn[],
): Promise<Memory[]> => {
  const [first] = turns;
  if (!first) return [];
  const partition = partitionOfScope(first);
  const filter: Filter =
    partition === 'project' ? { all: [] } : { entity: partition.kind, is: partition.id };
  const retrieved = await retrieve(platform, {
    project: first.project,
    partitions: [partition],
    filter,
    queries: turns.map((turn) => roughText(turn).slice(0, maxQueryLength)),
    areQuestions: true,
    priority: 'add',
    depth: maxHits,
    showExpired: true,
    messages: 'none',
    signal,
  });
  const memoryAt = (index: number): Memory | undefined => {
    const entry = retrieved.entries[index];
    return entry?.of === 'memory' ? entry.memory : undefined;
  };
  const best = new Map<string, number>();
  for (const query of turns.keys()) {
    const ranked = await retrieved.ranked(query);
    const own = ranked.filter(({ index }) => memoryAt(index)?.scope === scope);
    const related = own.filter(({ score }, rank) => rank < minPerTurn || score >= minScore);
    for (const { index, score } of related.slice(0, maxPerTurn))
      best.set(String(index), Math.max(score, best.get(String(index)) ?? 0));
  }
  const chosen = [...best].sort((a, b) => b[1] - a[1]).slice(0, maxPerBatch);
  return chosen.flatMap(([index]) => memoryAt(Number(index)) ?? []);
};
