import { commitTogether } from '../../shared/core/commit-together.ts';
import { newMemory } from '../../shared/core/refine/memory-versions.ts';
import { messageEntryId } from '../../shared/core/retrieval/messages.ts';
import { newEvent, put } from '../../shared/core/steps.ts';
import { jsonBytes } from '../../shared/core/store-limits.ts';
import { scopeOf } from '../../shared/domain/memory/entities.ts';
import type { Memory } from '../../shared/domain/memory/memory.ts';
import type { Turn } from '../../shared/domain/memory/turn.ts';
import { vectorId } from '../../shared/domain/memory/vector-id.ts';
import {
  changesKey,
  listedTurnKeys,
  listingKeys,
  memoryKey,
  revisionKey,
  turnKey,
} from '../../shared/domain/table/keys.ts';
import type { Platform } from '../../shared/ports/platform.ts';
import type { Step } from '../../shared/ports/store.ts';
import { sentenceOf } from './sentences.ts';

const turnsPerWrite = 200;

/** An applied turn and its memories, as they are once the index holds them. */
const turnOf = (
  { ids, clock }: Platform,
  project: string,
  user: string,
  texts: readonly string[],
): { turn: Turn; memories: Memory[] } => {
  const now = clock.now();
  const entities = { user };
  const turn: Turn = {
    id: ids.next(),
    project,
    event: ids.next(),
    scope: scopeOf(entities),
    entities,
    messages: [{ role: 'user', content: texts.join(' ') }],
    metadata: {},
    options: { infer: true },
    createdAt: now,
    observedAt: now,
    state: 'applied',
    plan: ids.next(),
  };
  const memories = texts.map((text, position) =>
    newMemory(
      turn,
      position === 0 ? turn.id : ids.next(),
      { text, source: 0, attributedTo: 'user' },
      now,
    ),
  );
  const memoryIds = memories.map(({ id }) => id);
  return {
    turn: {
      ...turn,
      memoryIds,
      drawn: { 0: Object.fromEntries(memoryIds.map((id) => [id, 1])) },
      index: { revision: 0, count: 1, submittedAt: now, visibleAt: now },
    },
    memories,
  };
};

const stepsOf = (memory: Memory, turn: Turn, model: string): Step[] => {
  const { project, id, text, createdAt } = memory;
  return [
    put(memoryKey(project, id), {
      ...memory,
      vectorModel: model,
      indexedVersion: 1,
      oldestIndexedVersion: 1,
      submittedAt: createdAt,
      visibleAt: createdAt,
    }),
    put(revisionKey(project, id, 1), {
      memory: id,
      version: 1,
      type: 'ADD',
      newText: text,
      turn: turn.id,
      event: turn.event,
      metadata: {},
      createdAt,
    }),
    ...listingKeys(project, memory, id).map((key) => put(key, { memory: id })),
  ];
};

/**
 * Writes memories of a user directly to the store and the index, as refinement and the indexer leave them. Returns their
 * ids.
 */
export const writeMemories = async (
  platform: Platform,
  project: string,
  user: string,
  { count, perTurn }: { count: number; perTurn: number },
): Promise<string[]> => {
  const { embedder, vectorIndex } = platform;
  const written: string[] = [];
  let next = 0;
  while (written.length < count) {
    const turns = Array.from({ length: Math.ceil(turnsPerWrite / perTurn) }, () => {
      const size = Math.max(0, Math.min(perTurn, count - next));
      const texts = Array.from({ length: size }, () => sentenceOf(next++));
      return turnOf(platform, project, user, texts);
    }).filter(({ memories }) => memories.length > 0);
    await commitTogether(
      platform,
      turns.flatMap(({ turn, memories }) => [
        {
          subject: turn.id,
          bytes: jsonBytes(memories) + jsonBytes(turn),
          steps: [
            put(turnKey(project, turn.id), turn),
            ...listedTurnKeys(project, turn, turn.id).map((key) => put(key, { turn: turn.id })),
            newEvent({ ...turn, id: turn.event, kind: 'ADD' }),
            put(changesKey(project, turn.event), {
              changes: memories.map(({ id, text }) => ({ type: 'ADD', memory: id, text })),
            }),
          ],
        },
        ...memories.map((memory) => ({
          subject: memory.id,
          steps: stepsOf(memory, turn, embedder.model),
          bytes: 2 * jsonBytes(memory),
        })),
      ]),
    );
    const memories = turns.flatMap((one) => one.memories);
    const entries = [
      ...memories.map((memory) => ({
        ...memory,
        class: 'memory' as const,
        entry: vectorId(memory.id, 1),
      })),
      ...turns.map(({ turn, memories: [memory] }) => ({
        ...memory,
        ...turn,
        text: turn.messages[0]?.content ?? '',
        updatedAt: turn.createdAt,
        terms: memory?.terms ?? {},
        class: 'message' as const,
        entry: messageEntryId({ turn, position: 0 }),
      })),
    ];
    const vectors = await embedder.embed(
      entries.map(({ text }) => text),
      { project },
    );
    await vectorIndex.upsert(
      project,
      entries.map(
        ({ id, entry, terms, entities, createdAt, updatedAt, observedAt, ...one }, index) => ({
          id: entry,
          class: one.class,
          ...(vectors[index] && { dense: { model: embedder.model, vector: vectors[index] } }),
          terms,
          target: {
            id,
            text: '',
            entities,
            metadata: {},
            categories: [],
            createdAt,
            updatedAt,
            observedAt,
          },
        }),
      ),
    );
    written.push(...memories.map(({ id }) => id));
  }
  return written;
};
