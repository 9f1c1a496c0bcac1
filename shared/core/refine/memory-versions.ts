import type { PlannedText } from '../../domain/memory/change.ts';
import { closedVersionId } from '../../domain/memory/derived-ids.ts';
import { descriptionOf, withoutDescription } from '../../domain/memory/description.ts';
import { allNamed, type Entity, entityKey, hasEntity } from '../../domain/memory/entities.ts';
import { extendedLineage } from '../../domain/memory/lineage.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import { searchTerms } from '../../domain/memory/search-terms.ts';
import { structuredDataKey, withoutStructuredData } from '../../domain/memory/structured-data.ts';
import { type Metadata, saidAtOf, type Turn } from '../../domain/memory/turn.ts';

/** Bound on entities beside a memory's own; the newest are kept. */
const maxExtraEntities = 16;

/** Fields by which a planned text is searched. */
const indexFields = (turn: Turn, change: PlannedText) => {
  const { text, source } = change;
  const name = turn.messages[source]?.name;
  const observedAt = saidAtOf(turn, turn.messages[source]);
  const speaker = name === undefined ? {} : { speaker: name };
  return {
    text,
    validFrom: observedAt,
    terms: searchTerms({ text, ...speaker, observedAt }),
    ...speaker,
  };
};

/** Bytes of JSON. When merged metadata would exceed them, only the newest is kept. */
const maxMetadataBytes = 64_000;

const mergeMetadata = (before: Metadata, ...added: Metadata[]): Metadata => {
  const newest: Metadata = Object.assign({}, ...added);
  const merged = { ...before, ...newest };
  return Buffer.byteLength(JSON.stringify(merged)) <= maxMetadataBytes ? merged : newest;
};

/** Structured data as metadata, by which filters find it. */
const metadataOf = ({ structuredData }: PlannedText): Metadata =>
  structuredData ? { [structuredDataKey]: structuredData } : {};

export const newMemory = (turn: Turn, id: string, change: PlannedText, now: number): Memory => ({
  id,
  project: turn.project,
  scope: turn.scope,
  entities: turn.entities,
  ...indexFields(turn, change),
  ...descriptionOf(change),
  version: 1,
  textVersion: 1,
  state: 'live',
  attributedTo: change.attributedTo,
  lineage: [turn.id],
  isRestated: true,
  lastWrite: turn.id,
  metadata: { ...turn.metadata, ...metadataOf(change) },
  ...(change.structuredData ? { structured: true as const } : {}),
  categories: change.categories ?? [],
  createdAt: now,
  updatedAt: now,
  observedAt: saidAtOf(turn, turn.messages[change.source]),
  ...(turn.options.expiresOn === undefined ? {} : { expiresOn: turn.options.expiresOn }),
  ...(turn.options.immutable === undefined ? {} : { immutable: turn.options.immutable }),
  ...(turn.options.feedback && id === turn.id ? { feedback: turn.options.feedback } : {}),
  source: turn.options.infer && !change.verbatim ? 'inferred' : 'verbatim',
});

/** The newer of two ids: UUIDv7s sort by time. */
export const maxId = (a: string, b: string): string => (a > b ? a : b);

/**
 * Adds the entities that a turn names to those of a memory: the first of a kind becomes the memory's own, others are
 * extra. `namedSince` records which turn added each.
 */
const addEntities = (
  memory: Memory,
  turn: Turn,
): Pick<Memory, 'entities' | 'extraEntities' | 'namedSince'> => {
  const missing = allNamed(turn).filter((entity) => !hasEntity(memory, entity));
  const filled = Object.fromEntries(
    missing.filter(({ kind }) => memory.entities[kind] === undefined).map((e) => [e.kind, e.id]),
  );
  const others: Entity[] = missing.filter(({ kind }) => memory.entities[kind] !== undefined);
  const extra = [...(memory.extraEntities ?? []), ...others].slice(-maxExtraEntities);
  const named = {
    entities: { ...memory.entities, ...filled },
    ...(extra.length > 0 ? { extraEntities: extra } : {}),
  };
  const times = new Map(Object.entries(memory.namedSince ?? {}));
  for (const entity of missing) times.set(entityKey(entity), turn.id);
  const kept = allNamed(named).flatMap((entity) => {
    const time = times.get(entityKey(entity));
    return time === undefined ? [] : [[entityKey(entity), time] as const];
  });
  return { ...named, ...(kept.length > 0 ? { namedSince: Object.fromEntries(kept) } : {}) };
};

/** The next version of a memory that a turn confirms under further entities; the text stays. */
export const withEntities = (memory: Memory, turn: Turn, now: number): Memory => {
  const { visibleAt: _, ...kept } = memory;
  return {
    ...kept,
    ...addEntities(memory, turn),
    version: memory.version + 1,
    lineage: memory.isRestated
      ? extendedLineage(memory.lineage, turn.id)
      : [...memory.lineage, turn.id],
    lastWrite: maxId(memory.lastWrite, turn.id),
    updatedAt: now,
  };
};

/** How the next text of a memory came about. An edited memory stays one, until its text is replaced by what was said. */
const sourceAfter = ({ source }: Memory, { options }: Turn, change: PlannedText) => {
  if (change.verbatim) return 'verbatim';
  return source === 'verbatim' && options.infer ? 'inferred' : source;
};

export const updatedMemory = (
  memory: Memory,
  turn: Turn,
  change: PlannedText,
  now: number,
): Memory => {
  const named = withEntities(memory, turn, now);
  const {
    vector: _,
    vectorModel: __,
    speaker: ___,
    structured,
    ...kept
  } = withoutDescription(named);
  const before = structured ? withoutStructuredData(memory.metadata) : memory.metadata;
  return {
    ...kept,
    ...(change.structuredData ? { structured: true as const } : {}),
    ...indexFields(turn, change),
    ...descriptionOf(change),
    textVersion: kept.version,
    attributedTo: change.attributedTo,
    source: sourceAfter(memory, turn, change),
    metadata: mergeMetadata(before, turn.metadata, metadataOf(change)),
    categories: change.categories ?? memory.categories,
    ...(turn.options.expiresOn === undefined ? {} : { expiresOn: turn.options.expiresOn }),
  };
};

/** End of the validity of a text that a turn replaces or takes back: never before its beginning, whatever times the turns have. */
const validUntil = ({ validFrom }: Memory, turn: Turn, source: number | undefined): number =>
  Math.max(validFrom, saidAtOf(turn, turn.messages[source ?? -1]));

/**
 * The former text of a memory that a turn updates, as a memory of its own that is closed.
 * @param source position of the message that says the new text
 */
export const closedVersion = (before: Memory, turn: Turn, source: number, now: number): Memory => {
  const { pointer: _, stagedBy: __, indexedVersion: ___, submittedAt: ____, ...rest } = before;
  const { oldestIndexedVersion: _____, visibleAt: ______, feedback: _______, ...kept } = rest;
  return {
    ...kept,
    id: closedVersionId(before.id, before.version),
    version: 1,
    state: 'closed',
    validUntil: validUntil(before, turn, source),
    supersededBy: before.id,
    updatedAt: now,
  };
};

/**
 * The next version of a memory that a turn takes back.
 * @param source position of the message that takes it back, when known
 */
export const retractedMemory = (
  before: Memory,
  turn: Turn,
  source: number | undefined,
  now: number,
): Memory => {
  const { visibleAt: _, ...kept } = before;
  return {
    ...kept,
    version: before.version + 1,
    state: 'closed',
    validUntil: validUntil(before, turn, source),
    lastWrite: maxId(before.lastWrite, turn.id),
    updatedAt: now,
  };
};
