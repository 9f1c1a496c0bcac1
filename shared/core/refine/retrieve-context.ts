import type { Filter, Partition } from '../../domain/memory/filter.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import { roughText, type Turn } from '../../domain/memory/turn.ts';
import type { Platform } from '../../ports/platform.ts';
import { retrieve } from '../retrieval/retrieve.ts';
import type { Lease } from './lease.ts';
import { type LastMessage, lastMessageOf } from './planner.ts';

/** Memories shown per turn, and for a whole batch: what a decision needs, at a bounded price in tokens. */
const perTurn = 8;
const perBatch = 24;
const depth = 30;
/** Below this a memory has nothing to do with the turn. */
const minScore = 0.05;
/** Characters of a turn that are searched with. */
const queryLength = 1_200;

/** The scope's owner, as a place to look. */
const partitionOfScope = (turn: Turn): Partition => {
  const { user, agent, app, run } = turn.entities;
  if (user !== undefined) return { kind: 'user', id: user };
  if (agent !== undefined) return { kind: 'agent', id: agent };
  return app !== undefined ? { kind: 'app', id: app } : { kind: 'run', id: run ?? '' };
};

/** What the scope already knows about these turns, and what was said right before the first of them. */
export interface ModelContext {
  memories: Memory[];
  previous?: LastMessage;
}

/** Recalls over the scope's own memories, by the recall that serves search. */
export const retrieveContext = async (
  platform: Platform,
  { scope, signal }: Pick<Lease, 'scope' | 'signal'>,
  turns: readonly Turn[],
): Promise<ModelContext> => {
  const [first] = turns;
  if (!first) return { memories: [] };
  const partition = partitionOfScope(first);
  const filter: Filter =
    partition === 'project' ? { all: [] } : { entity: partition.kind, is: partition.id };
  const recalled = await retrieve(platform, {
    project: first.project,
    partitions: [partition],
    filter,
    queries: turns.map((turn) => roughText(turn).slice(0, queryLength)),
    depth,
    showExpired: true,
    signal,
  });
  const best = new Map<string, number>();
  for (const query of turns.keys()) {
    const ranked = await recalled.ranked(query);
    const own = ranked.filter(
      ({ index, score }) => score >= minScore && recalled.memories[index]?.scope === scope,
    );
    for (const { index, score } of own.slice(0, perTurn))
      best.set(String(index), Math.max(score, best.get(String(index)) ?? 0));
  }
  const chosen = [...best].sort((a, b) => b[1] - a[1]).slice(0, perBatch);
  const memories = chosen.flatMap(([index]) => recalled.memories[Number(index)] ?? []);
  const previous = lastMessageOf(recalled.turnBefore(first.id));
  return { memories, ...(previous ? { previous } : {}) };
};
