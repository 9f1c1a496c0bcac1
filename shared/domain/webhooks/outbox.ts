import type { ErrorInfo } from '../errors.ts';
import type { Entities } from '../memory/entities.ts';
import type { Metadata, Turn } from '../memory/turn.ts';

/** End of a request to process, with the memories that its turns added and updated. */
interface TaskFact {
  type: 'task.succeeded' | 'task.failed';
  event: string;
  added: number;
  updated: number;
  error?: ErrorInfo;
}

/** Fact that customers can be notified of, written in the transaction that makes it true (transactional outbox). */
export type Fact =
  | { type: 'event.pending' | 'event.succeeded'; event: string }
  | { type: 'event.failed'; event: string; error: ErrorInfo }
  | TaskFact
  | {
      type: 'memory_add' | 'memory_update' | 'memory_delete';
      event?: string;
      memory: string;
      text?: string;
      previousText?: string;
      /** Date of what the text says, where there is one. */
      occursOn?: string;
      metadata: Metadata;
      categories: string[];
      /** Whether the change gave the memory its categories, or other ones, of which endpoints get a notification of its own. */
      categorized?: true;
      /** Fields that were shortened to fit. */
      truncated?: ('metadata' | 'categories' | 'new_text' | 'old_text')[];
    }
  | { type: 'endpoint.disabled'; endpoint: string; url: string; reason: 'gone' | 'failing' };

/** Facts of one transaction, to be expanded into notifications. The id is derived from its cause, so that an erasure finds it. */
export interface Outbox {
  id: string;
  project: string;
  entities: Entities;
  facts: Fact[];
  /** Sorts the facts of a scope: a time-ordered id, generated after everything the facts depend on was committed. */
  order: string;
  createdAt: number;
  /** `traceparent` of the cause, if traces are exported. */
  trace?: string;
}

const ellipsis = '…';

/** Truncates a text to about so many bytes of JSON, without splitting a character. */
const truncate = (text: string, bytes: number): string =>
  Buffer.byteLength(JSON.stringify(text)) <= bytes
    ? text
    : text.slice(0, Math.floor(bytes / 6)).replace(/[\uD800-\uDBFF]$/, '') + ellipsis;

const truncateFact = (fact: Fact, bytes: number): Fact => {
  if (!('memory' in fact)) return fact;
  const { text, previousText, ...rest } = fact;
  const texts = {
    ...(text === undefined ? {} : { text: truncate(text, bytes) }),
    ...(previousText === undefined ? {} : { previousText: truncate(previousText, bytes) }),
  };
  const truncated = new Set(rest.truncated);
  if (texts.text !== text) truncated.add('new_text');
  if (texts.previousText !== previousText) truncated.add('old_text');
  return { ...rest, ...texts, ...(truncated.size > 0 ? { truncated: [...truncated] } : {}) };
};

const withoutMetadata = (fact: Fact): Fact =>
  'memory' in fact && Object.keys(fact.metadata).length > 0
    ? { ...fact, metadata: {}, truncated: [...(fact.truncated ?? []), 'metadata'] }
    : fact;

const withoutCategories = (fact: Fact): Fact =>
  'memory' in fact && fact.categories.length > 0
    ? { ...fact, categories: [], truncated: [...(fact.truncated ?? []), 'categories'] }
    : fact;

/** Bytes of the facts besides their texts. */
const bytesWithoutTexts = (facts: readonly Fact[]): number =>
  Buffer.byteLength(JSON.stringify(facts.map((fact) => truncateFact(fact, 0))));

/** Whether facts take at most so many bytes of JSON; stops at the first that exceeds them. */
const fits = (facts: readonly Fact[], bytes: number): boolean => {
  let remainingBytes = bytes - 2;
  for (const fact of facts) {
    remainingBytes -= Buffer.byteLength(JSON.stringify(fact)) + 1;
    if (remainingBytes < -1) return false;
  }
  return true;
};

/**
 * Fits facts into so many bytes of JSON: metadata is removed first, then long texts are truncated. Categories are removed where their
 * names alone would take half of the bytes.
 */
export const fitFacts = (facts: Fact[], bytes: number): Fact[] => {
  if (fits(facts, bytes)) return facts;
  const bare = facts.map(withoutMetadata);
  if (fits(bare, bytes)) return bare;
  const kept = bytesWithoutTexts(bare) * 2 > bytes ? bare.map(withoutCategories) : bare;
  // Each fact has at most two texts.
  const share = Math.max(0, Math.floor((bytes - bytesWithoutTexts(kept)) / kept.length / 2));
  return kept.map((fact) => truncateFact(fact, share));
};

/** Outbox of the acceptance of a turn. */
export const pendingOutbox = (
  turn: Pick<Turn, 'id' | 'project' | 'event' | 'entities' | 'createdAt'>,
): Outbox => ({
  id: `${turn.id}.pending`,
  project: turn.project,
  entities: turn.entities,
  facts: [{ type: 'event.pending', event: turn.event }],
  order: turn.id,
  createdAt: turn.createdAt,
});

/** Id of the acceptance's outbox, for the outbox of a turn's end or failure; undefined for any other. */
export const acceptedOutboxId = (outbox: string): string | undefined => {
  const [turn, rest] = outbox.split('.', 2);
  return rest === 'end' || rest === 'failed' ? `${turn}.pending` : undefined;
};

/** Id of the outbox of an applied turn. */
export const endOutboxId = (turn: string): string => `${turn}.end`;

/** Id of the outbox of a failed turn. A turn can be retried and fail again, so each failure has its own. */
export const failureOutboxId = (turn: string, failure: string): string =>
  `${turn}.failed.${failure}`;

/** Id of the outbox of the end of a request to process. */
export const taskOutboxId = (task: string): string => `${task}.task`;

/** Id of the outbox of an API write of a memory. */
export const writeOutboxId = (memory: string, version: number): string => `${memory}.v${version}`;

/** Id of the outbox of a disabled endpoint; `version`: the endpoint's before. */
export const disabledOutboxId = (endpoint: string, version: number): string =>
  `${endpoint}.disabled.${version}`;
