import type { PlannedText } from '../../domain/change.ts';
import { allNamed, type Entity, entityKey, names } from '../../domain/entities.ts';
import type { Memory } from '../../domain/memory.ts';
import { countTerms } from '../../domain/terms.ts';
import type { Turn } from '../../domain/turn.ts';

/** Further entities a memory is filed under; the oldest go first. */
const maxAlso = 16;

/** What is searched of a planned text. */
const searched = ({ text, indexText, context, vector, vectorModel }: PlannedText) => ({
  text,
  indexText,
  terms: countTerms(indexText),
  ...(context === undefined ? {} : { context }),
  ...(vector === undefined || vectorModel === undefined ? {} : { vector, vectorModel }),
});

export const addedMemory = (turn: Turn, id: string, change: PlannedText, now: number): Memory => ({
  id,
  project: turn.project,
  scope: turn.scope,
  entities: turn.entities,
  ...searched(change),
  version: 1,
  state: 'live',
  attributedTo: change.attributedTo,
  lineage: [turn.id],
  lastTurn: turn.id,
  metadata: { ...turn.metadata, ...change.metadata },
  categories: change.categories ?? [],
  createdAt: now,
  updatedAt: now,
  observedAt: turn.observedAt,
  ...(turn.options.expiresOn === undefined ? {} : { expiresOn: turn.options.expiresOn }),
  ...(turn.options.immutable === undefined ? {} : { immutable: turn.options.immutable }),
  source: turn.options.infer ? 'inferred' : 'verbatim',
});

/** Ids sort by the time they were made. */
export const laterOf = (a: string, b: string): string => (a > b ? a : b);

/** Files a memory under what a turn names as well: kinds it lacks become its own, others are kept beside. */
const alsoUnder = (memory: Memory, turn: Turn): Pick<Memory, 'entities' | 'also' | 'since'> => {
  const missing = allNamed(turn).filter((entity) => !names(memory, entity));
  const filled = Object.fromEntries(
    missing.filter(({ kind }) => memory.entities[kind] === undefined).map((e) => [e.kind, e.id]),
  );
  const beside: Entity[] = missing.filter(({ kind }) => memory.entities[kind] !== undefined);
  const also = [...(memory.also ?? []), ...beside].slice(-maxAlso);
  const since = Object.fromEntries(missing.map((entity) => [entityKey(entity), turn.id]));
  return {
    entities: { ...memory.entities, ...filled },
    ...(also.length > 0 ? { also } : {}),
    ...(missing.length > 0 ? { since: { ...memory.since, ...since } } : {}),
  };
};

/** The next version of a memory that a turn confirms but tells under further entities. */
export const refiledMemory = (memory: Memory, turn: Turn, now: number): Memory => {
  const { seenAt: _, ...kept } = memory;
  return {
    ...kept,
    ...alsoUnder(memory, turn),
    version: memory.version + 1,
    lineage: [...memory.lineage, turn.id],
    lastTurn: laterOf(memory.lastTurn, turn.id),
    updatedAt: now,
  };
};

export const updatedMemory = (
  memory: Memory,
  turn: Turn,
  change: PlannedText,
  now: number,
): Memory => {
  const { vector: _, vectorModel: __, context: ___, ...kept } = refiledMemory(memory, turn, now);
  return {
    ...kept,
    ...searched(change),
    attributedTo: change.attributedTo,
    metadata: { ...memory.metadata, ...turn.metadata, ...change.metadata },
    categories: change.categories ?? memory.categories,
    ...(turn.options.expiresOn === undefined ? {} : { expiresOn: turn.options.expiresOn }),
  };
};

/** What stays of a deleted memory: enough to know it is gone, and to take it out of the index. */
export const tombstoneOf = (memory: Memory, now: number): Memory => {
  const { vector: _, vectorModel: __, seenAt: ___, context: ____, ...kept } = memory;
  return {
    ...kept,
    text: '',
    indexText: '',
    terms: {},
    metadata: {},
    categories: [],
    version: memory.version + 1,
    state: 'deleted',
    updatedAt: now,
  };
};
