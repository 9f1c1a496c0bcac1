import type { EventView, ReadableEvent } from '../../../shared/core/events.ts';
import type { Change } from '../../../shared/domain/memory/change.ts';
import { type Entities, entityKinds } from '../../../shared/domain/memory/entities.ts';
import type { Turn } from '../../../shared/domain/memory/turn.ts';
import type { ModelOption } from '../../../shared/domain/project-settings.ts';
import {
  type RedactionCounts,
  sensitiveKinds,
} from '../../../shared/domain/sensitive/sensitive.ts';
import { idsFrom } from '../http/entity-ids.ts';
import { isoTime, isoTimeOrNull } from '../http/instant.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { shownMessage } from '../http/shown-message.ts';

const payloadOf = (turn: Turn | undefined) =>
  turn && {
    messages: turn.messages.map(shownMessage),
    ...Object.fromEntries(
      entityKinds.flatMap((kind) => {
        const id = turn.entities[kind];
        return id === undefined ? [] : [[`${kind}_id`, id]];
      }),
    ),
    metadata: turn.metadata,
  };

/** Builds one result of an event. A NONE result has the reason why no memory changed. */
const resultOf = (change: Change, entities: Entities) => ({
  id: change.memory ?? null,
  event: change.type,
  memory: change.text ?? null,
  data: { memory: change.text ?? null },
  ...omitNullish({ previous_memory: change.previousText, reason: change.reason }),
  ...idsFrom(change.entities ?? entities),
});

/** Names of options, as requests have them. */
const optionNames: { readonly [option in ModelOption]: string } = {
  instructions: 'custom_instructions',
  agentInstructions: 'agent_custom_instructions',
  categories: 'custom_categories',
  includes: 'includes',
  excludes: 'excludes',
  structuredData: 'structured_data_schema',
  english: 'multilingual',
};

const ignoredNames = (kind: EventView['kind'], ignored: readonly ModelOption[]): string[] =>
  ignored.map((option) =>
    kind === 'EXPORT' && option === 'instructions' ? 'export_instructions' : optionNames[option],
  );

/** Counts in the order of the kinds: stores keep the fields of an object in different orders. */
const redactedBody = (counts: RedactionCounts) =>
  sensitiveKinds.flatMap((kind) => {
    const count = counts[kind];
    return count ? [{ kind, count }] : [];
  });

/**
 * Builds an event for a key without the read permission: status and ids of changed memories, without any text.
 */
export const eventReceipt = ({
  id,
  kind,
  status,
  stage,
  turn,
  changes,
  error,
  waitingFor,
}: EventView) => ({
  id,
  event_id: id,
  event_type: kind,
  status,
  stage,
  waiting_for: waitingFor ?? null,
  turn_id: turn ?? null,
  results: changes.map(({ memory, type }) => ({ id: memory ?? null, event: type })),
  error: error ? { code: error.code, retryable: error.retryable } : null,
});

/** Builds the remarks of an event on parts of the request, where there are any. */
const remarksBody = (event: EventView) => ({
  ...(event.ignored && { ignored: ignoredNames(event.kind, event.ignored) }),
  ...(event.redacted && { redacted: redactedBody(event.redacted) }),
  ...(event.suspicious && { suspicious: event.suspicious }),
  ...(event.attachments && { attachments: event.attachments }),
  ...(event.skipped && { skipped: event.skipped }),
});

/** Builds an event for a response, with its turn as long as the turn is retained. */
export const eventBody = ({ event, turn }: ReadableEvent) => ({
  id: event.id,
  event_id: event.id,
  event_type: event.kind,
  status: event.status,
  stage: event.stage,
  payload: payloadOf(turn) ?? null,
  metadata: turn?.metadata ?? null,
  results: event.changes.map((change) => resultOf(change, event.entities)),
  ...idsFrom(event.entities),
  turn_id: event.turn ?? null,
  waiting_for: event.waitingFor ?? null,
  attempts: event.attempts,
  timings: event.timings,
  tokens: event.tokens,
  model: event.model ?? null,
  prompt_version: event.promptVersion ?? null,
  ...remarksBody(event),
  counts: event.counts ?? null,
  error: event.error ?? null,
  created_at: isoTime(event.createdAt),
  updated_at: isoTime(event.updatedAt),
  started_at: isoTimeOrNull(event.startedAt),
  completed_at: isoTimeOrNull(event.completedAt),
  latency: event.completedAt === undefined ? null : event.completedAt - event.createdAt,
  graph_status: null,
});
