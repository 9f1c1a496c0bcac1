import type { AcceptRequest } from '../../../shared/core/accept.ts';
import type { RevisionView } from '../../../shared/core/memories/read-memories.ts';
import type { MemoryView, ScoredMemory } from '../../../shared/domain/memory/memory.ts';
import type { TurnOptions } from '../../../shared/domain/memory/turn.ts';
import { entitiesFrom, idsFrom } from '../http/entity-ids.ts';
import { isoTime } from '../http/instant.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import type { AddBody } from './schema.ts';
import { structuredAttributes } from './structured-attributes.ts';

const instructionsOf = (body: AddBody): string | undefined => {
  const { custom_instructions: all, agent_custom_instructions: agent } = body;
  const parts = [all, agent && `For what the assistant says: ${agent}`].filter(Boolean);
  return parts.length > 0 ? parts.join('\n') : undefined;
};

const categoriesOf = (body: AddBody): TurnOptions['categories'] =>
  body.custom_categories?.flatMap((entry) =>
    Object.entries(entry).map(([name, description]) => ({ name, description })),
  );

const optionsOf = (body: AddBody): TurnOptions => {
  const infer = body.infer ?? true;
  return {
    infer,
    ...omitNullish({
      instructions: instructionsOf(body),
      categories: categoriesOf(body),
      includes: body.includes,
      excludes: body.excludes,
      immutable: body.immutable,
      expiresOn: body.expiration_date,
      verbatim: !infer && body.deduced_memories?.length ? body.deduced_memories : null,
    }),
  };
};

export const turnOf = (body: AddBody): AcceptRequest => ({
  entities: entitiesFrom(body),
  messages: body.messages,
  metadata: body.metadata ?? {},
  options: optionsOf(body),
  ...omitNullish({
    observedAt: body.timestamp ?? body.observation_datetime ?? body.observation_date,
    dedupe: body.dedupe,
  }),
});

/** Ids with both names of a run, since clients read `run_id` or `session_id`. */
const namesOf = (entities: MemoryView['entities']) => ({
  ...idsFrom(entities),
  session_id: entities.run ?? null,
});

/** Returns whether a memory is rough or refined. A rough one has the event to wait for. */
const progressOf = (memory: MemoryView) =>
  memory.rough
    ? { type: 'rough', stage: memory.turnState ?? 'pending', event_id: memory.event ?? null }
    : { type: 'refined' };

/** Returns further entity ids of a fact that was stated in several runs. */
const alsoNamed = ({ extraEntities = [] }: MemoryView) =>
  extraEntities.length > 0
    ? { also: extraEntities.map(({ kind, id }) => ({ [`${kind}_id`]: id })) }
    : {};

const coreBody = (memory: MemoryView) => ({
  id: memory.id,
  memory: memory.text,
  ...namesOf(memory.entities),
  metadata: memory.metadata,
  categories: memory.categories,
  created_at: isoTime(memory.createdAt),
  updated_at: isoTime(memory.updatedAt),
  expiration_date: memory.expiresOn ?? null,
  ...progressOf(memory),
  ...alsoNamed(memory),
});

export const memoryBody = (memory: MemoryView) => ({
  ...coreBody(memory),
  structured_attributes: structuredAttributes(memory.createdAt),
  immutable: memory.immutable,
  replaced_by: null,
  synthesized: false,
  lifecycle_state: 'active',
});

export const scoredBody = (memory: ScoredMemory) => ({
  ...coreBody(memory),
  score: memory.score,
  score_breakdown: { semantic: memory.parts.semantic, bm25: memory.parts.lexical, entity: 0 },
});

export const revisionBody = (revision: RevisionView) => ({
  id: `${revision.memory}:${revision.version}`,
  memory_id: revision.memory,
  input: revision.input,
  old_memory: revision.oldText ?? null,
  new_memory: revision.newText ?? null,
  ...namesOf(revision.entities),
  categories: revision.categories,
  event: revision.type,
  metadata: revision.metadata,
  created_at: isoTime(revision.createdAt),
  updated_at: isoTime(revision.createdAt),
});
