import type { ErrorInfo } from '../errors.ts';
import type { Entities } from '../memory/entities.ts';
import type { Metadata, Turn } from '../memory/turn.ts';

/** Something customers can be told, written in the transaction that makes it true. */
export type Fact =
  | { type: 'event.pending' | 'event.succeeded'; event: string }
  | { type: 'event.failed'; event: string; error: ErrorInfo }
  | {
      type: 'memory_add' | 'memory_update' | 'memory_delete';
      event?: string;
      memory: string;
      text?: string;
      previousText?: string;
      metadata: Metadata;
      categories: string[];
      /** What there was no room for in full. */
      truncated?: ('metadata' | 'new_text' | 'old_text')[];
    }
  | { type: 'endpoint.disabled'; endpoint: string; url: string; reason: 'gone' | 'failing' };

/** Its id is derived from what made it, so that whoever erases a memory can find what still tells of it. */
export interface Outbox {
  id: string;
  project: string;
  entities: Entities;
  facts: Fact[];
  /** An id made once everything was there that its facts follow from: what is told of a scope sorts by it. */
  order: string;
  createdAt: number;
}

const ellipsis = '…';

/** A text of at most so many bytes of JSON, nearly; never half a character. */
const truncate = (text: string, bytes: number): string =>
  Buffer.byteLength(JSON.stringify(text)) <= bytes
    ? text
    : text.slice(0, Math.floor(bytes / 6)).replace(/[\uD800-\uDBFF]$/, '') + ellipsis;

const shortened = (fact: Fact, bytes: number): Fact => {
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

/** Whether they take at most so many bytes of JSON; what lies beyond is not looked at. */
const fits = (facts: readonly Fact[], bytes: number): boolean => {
  let room = bytes - 2;
  for (const fact of facts) {
    room -= Buffer.byteLength(JSON.stringify(fact)) + 1;
    if (room < -1) return false;
  }
  return true;
};

/** The facts in so many bytes of JSON: where they do not fit, metadata goes first, then the ends of long texts. */
export const fitFacts = (facts: Fact[], bytes: number): Fact[] => {
  if (fits(facts, bytes)) return facts;
  const bare = facts.map(withoutMetadata);
  if (fits(bare, bytes)) return bare;
  // An id and the like take less than 500 bytes of each; it has two texts at most.
  const share = Math.max(0, Math.floor((bytes / bare.length - 500) / 2));
  return bare.map((fact) => shortened(fact, share));
};

/** What accepting a turn tells. */
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

/** The outbox that tells that a turn was taken in, for one that tells what became of it. */
export const acceptedOutboxId = (outbox: string): string | undefined => {
  const [turn, rest] = outbox.split('.', 2);
  return rest === 'end' || rest === 'failed' ? `${turn}.pending` : undefined;
};

/** What applying a turn tells. */
export const endOutboxId = (turn: string): string => `${turn}.end`;

/** What giving up a turn tells; it can be retried and fail again, so each failure has an id of its own. */
export const failureOutboxId = (turn: string, failure: string): string =>
  `${turn}.failed.${failure}`;

/** What one API write of a memory tells. */
export const writeOutboxId = (memory: string, version: number): string => `${memory}.v${version}`;

/** What disabling an endpoint tells; `version`: the one that is disabled. */
export const disabledOutboxId = (endpoint: string, version: number): string =>
  `${endpoint}.disabled.${version}`;
