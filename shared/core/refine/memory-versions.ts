import { countTerms } from '../../domain/memory/analyzer.ts';
import type { PlannedText } from '../../domain/memory/change.ts';
import { allNamed, type Entity, entityKey, hasEntity } from '../../domain/memory/entities.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import type { Metadata, Turn } from '../../domain/memory/turn.ts';
import { indexTextOf } from './index-text.ts';

/** Further entities a memory is filed under; the oldest go first. */
const maxExtraEntities = 16;

/** What is searched of a planned text. */
const indexFields = (turn: Turn, change: PlannedText) => {
  const { text, source, contextText, context, vector, vectorModel } = change;
  const indexText = indexTextOf(turn, text, source, contextText);
  return {
    text,
    indexText,
    terms: countTerms(indexText),
    ...(context === undefined ? {} : { context }),
    ...(vector === undefined || vectorModel === undefined ? {} : { vector, vectorModel }),
  };
};

/** Bytes of JSON; where more has come together, what came last is all that stays. */
const maxMetadata = 64_000;

const merged = (before: Metadata, ...added: (Metadata | undefined)[]): Metadata => {
  const newest: Metadata = Object.assign({}, ...added);
  const all = { ...before, ...newest };
  return Buffer.byteLength(JSON.stringify(all)) <= maxMetadata ? all : newest;
};

export const addedMemory = (turn: Turn, id: string, change: PlannedText, now: number): Memory => ({
  id,
  project: turn.project,
  scope: turn.scope,
  entities: turn.entities,
  ...indexFields(turn, change),
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
export const maxId = (a: string, b: string): string => (a > b ? a : b);

/** Files a memory under what a turn names as well: kinds it lacks become its own, others are kept beside. */
const addEntities = (
  memory: Memory,
  turn: Turn,
): Pick<Memory, 'entities' | 'extraEntities' | 'namedSince'> => {
  const missing = allNamed(turn).filter((entity) => !hasEntity(memory, entity));
  const filled = Object.fromEntries(
    missing.filter(({ kind }) => memory.entities[kind] === undefined).map((e) => [e.kind, e.id]),
  );
  const beside: Entity[] = missing.filter(({ kind }) => memory.entities[kind] !== undefined);
  const also = [...(memory.extraEntities ?? []), ...beside].slice(-maxExtraEntities);
  const named = {
    entities: { ...memory.entities, ...filled },
    ...(also.length > 0 ? { extraEntities: also } : {}),
  };
  const times = new Map(Object.entries(memory.namedSince ?? {}));
  for (const entity of missing) times.set(entityKey(entity), turn.id);
  const kept = allNamed(named).flatMap((entity) => {
    const time = times.get(entityKey(entity));
    return time === undefined ? [] : [[entityKey(entity), time] as const];
  });
  return { ...named, ...(kept.length > 0 ? { namedSince: Object.fromEntries(kept) } : {}) };
};

/** The next version of a memory that a turn confirms but tells under further entities. */
export const withEntities = (memory: Memory, turn: Turn, now: number): Memory => {
  const { visibleAt: _, ...kept } = memory;
  return {
    ...kept,
    ...addEntities(memory, turn),
    version: memory.version + 1,
    lineage: [...memory.lineage, turn.id],
    lastTurn: maxId(memory.lastTurn, turn.id),
    updatedAt: now,
  };
};

export const updatedMemory = (
  memory: Memory,
  turn: Turn,
  change: PlannedText,
  now: number,
): Memory => {
  const { vector: _, vectorModel: __, context: ___, ...kept } = withEntities(memory, turn, now);
  return {
    ...kept,
    ...indexFields(turn, change),
    attributedTo: change.attributedTo,
    metadata: merged(memory.metadata, turn.metadata, change.metadata),
    categories: change.categories ?? memory.categories,
    ...(turn.options.expiresOn === undefined ? {} : { expiresOn: turn.options.expiresOn }),
  };
};
