import type { AcceptRequest } from '../../../shared/core/accept.ts';
import type { FoundMemory, RevisionView } from '../../../shared/core/memories/read-memories.ts';
import type { MemoryView, ScoredMemory } from '../../../shared/domain/memory/memory.ts';
import type { TurnOptions } from '../../../shared/domain/memory/turn.ts';
import { EntityId, entitiesFrom, type entityIdFields, idsFrom } from '../http/entity-ids.ts';
import { isoTime } from '../http/instant.ts';
import { isRecord } from '../http/is-record.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { parse } from '../http/parse.ts';
import { shownMessage } from '../http/shown-message.ts';
import { inTimeZone, utcOffsetOf } from '../http/time-zone.ts';
import { camelKey } from './filters/filter-syntax.ts';
import type { AddBody } from './schema.ts';
import { structuredAttributes } from './structured-attributes.ts';

/** Converts `[{name: description}]`. */
export const categoriesOf = (entries: AddBody['custom_categories']): TurnOptions['categories'] =>
  entries?.flatMap((entry) =>
    Object.entries(entry).map(([name, description]) => ({ name, description })),
  );

const optionsOf = (body: AddBody, now: number): TurnOptions => {
  const infer = body.infer ?? true;
  return {
    infer,
    ...omitNullish({
      instructions: body.custom_instructions || null,
      agentInstructions: body.agent_custom_instructions || null,
      categories: body.custom_categories?.length ? categoriesOf(body.custom_categories) : null,
      structuredData: body.structured_data_schema,
      includes: body.includes,
      excludes: body.excludes,
      immutable: body.immutable,
      expiresOn: body.expiration_date,
      utcOffset: utcOffset(body, now),
      verbatim: !infer && body.deduced_memories?.length ? body.deduced_memories : null,
    }),
  };
};

/** Returns the ids that the body names, and those of its filters of kinds that the body does not name. */
const entitiesOf = (body: AddBody): AcceptRequest['entities'] => {
  const filters = isRecord(body.filters) ? body.filters : {};
  const given = (field: keyof typeof entityIdFields): string | null | undefined => {
    const filtered = filters[field] ?? filters[camelKey(field)];
    if (body[field] != null || !(typeof filtered === 'string' || typeof filtered === 'number'))
      return body[field];
    return parse(EntityId, filtered, `filters.${field}`);
  };
  return entitiesFrom({
    user_id: given('user_id'),
    agent_id: given('agent_id'),
    app_id: given('app_id'),
    run_id: given('run_id'),
  });
};

/** Returns when the conversation took place, ms since 1970. */
const observedAtOf = (body: AddBody): number | null => {
  const time = body.timestamp ?? body.observation_datetime ?? body.observation_date;
  return time ? inTimeZone(time, body.timezone ?? undefined) : null;
};

/** Returns the caller's minutes ahead of UTC, by the zone of the body or else by the offset of its time. */
const utcOffset = (body: AddBody, now: number): number | null => {
  const { timezone } = body;
  const time = body.timestamp ?? body.observation_datetime ?? body.observation_date;
  if (timezone) return utcOffsetOf(timezone, observedAtOf(body) ?? now) || null;
  return time?.offset || null;
};

/**
 * @param now ms since 1970, the time of the conversation where the body names none
 * @throws HttpError 400 for an id of the filters that is not valid
 */
export const turnOf = (body: AddBody, now: number): AcceptRequest => ({
  entities: entitiesOf(body),
  messages: body.messages,
  metadata: body.metadata ?? {},
  options: optionsOf(body, now),
  ...omitNullish({
    observedAt: observedAtOf(body),
    dedupe: body.dedupe,
  }),
});

/** Ids with both names of a run, since clients read `run_id` or `session_id`. */
const namesOf = (entities: MemoryView['entities']) => ({
  ...idsFrom(entities),
  session_id: entities.run ?? null,
});

/** Returns what the result is. A rough memory has the event to wait for, a message its speaker. */
const kindOf = (memory: MemoryView) => {
  if (memory.rough)
    return { type: 'rough', stage: memory.turnState ?? 'pending', event_id: memory.event ?? null };
  if (!memory.message) return { type: 'refined', kind: memory.kind ?? 'fact' };
  return { type: 'message', role: memory.message.role, name: memory.message.name ?? null };
};

/** Validity of a memory that is no longer true. */
const validityOf = ({ validFrom, validUntil, supersededBy }: MemoryView) =>
  validUntil === undefined
    ? {}
    : {
        valid_from: isoTime(validFrom),
        valid_until: isoTime(validUntil),
        replaced_by: supersededBy ?? null,
        lifecycle_state: supersededBy === undefined ? 'retracted' : 'superseded',
      };

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
  ...(memory.occursOn === undefined ? {} : { occurs_on: memory.occursOn }),
  ...kindOf(memory),
  actor: memory.rough ? null : memory.attributedTo,
  ...alsoNamed(memory),
  ...validityOf(memory),
});

export const memoryBody = (memory: MemoryView) => ({
  structured_attributes: structuredAttributes(memory.createdAt),
  immutable: memory.immutable,
  replaced_by: null,
  synthesized: false,
  lifecycle_state: 'active',
  feedback: memory.feedback?.value ?? null,
  feedback_reason: memory.feedback?.reason ?? null,
  ...coreBody(memory),
});

/** Body of the memory under an id. Where that is an alias, `also_became` has the other memories of the turn. */
export const foundBody = ({ alsoBecame, ...memory }: FoundMemory) => ({
  ...memoryBody(memory),
  ...(alsoBecame ? { also_became: alsoBecame } : {}),
});

/** Parts of a score; `semantic`, `bm25` and `entity` are those of mem0. */
const breakdownOf = ({ rareWords, ...parts }: ScoredMemory['parts']) => ({
  ...parts,
  rare_words: rareWords,
});

export const scoredBody = (memory: ScoredMemory) => ({
  ...coreBody(memory),
  score: memory.score,
  score_breakdown: breakdownOf(memory.parts),
  ...(memory.source ? { source: { id: memory.source.id, memory: memory.source.text } } : {}),
  ...(memory.recent ? { recent: true } : {}),
  ...(memory.duplicates ? { duplicates: memory.duplicates } : {}),
});

/** Event of an entry. The words of a turn add its memory, so the refinement that gives the memory another text is an update. */
const eventOf = ({ type, version }: RevisionView, first: RevisionView | undefined) => {
  if (type === 'SAID') return 'ADD';
  return type === 'ADD' && version === 1 && first?.type === 'SAID' ? 'UPDATE' : type;
};

/** Body of a history, whose first entry may be the words of the turn before refinement. */
export const historyBody = (history: readonly RevisionView[]) =>
  history.map((revision, at) => revisionBody(revision, history[0], history[at - 1]));

const revisionBody = (
  revision: RevisionView,
  first: RevisionView | undefined,
  before: RevisionView | undefined,
) => ({
  id: `${revision.memory}:${revision.version}`,
  memory_id: revision.memory,
  input: revision.input.map(shownMessage),
  old_memory: revision.oldText ?? (before?.type === 'SAID' ? (before.newText ?? null) : null),
  new_memory: revision.newText ?? null,
  ...namesOf(revision.entities),
  categories: revision.categories,
  event: eventOf(revision, first),
  prompt_version: revision.promptVersion ?? null,
  metadata: revision.metadata,
  created_at: isoTime(revision.createdAt),
  updated_at: isoTime(revision.createdAt),
});
