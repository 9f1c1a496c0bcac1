import { canonicalJson, digestOf } from '../domain/digest.ts';
import type { Turn } from '../domain/memory/turn.ts';
import type { Item } from '../domain/table/items.ts';
import { idempotencyKey } from '../domain/table/keys.ts';
import type { Condition, Step, TransactResult } from '../ports/store.ts';
import { put } from './steps.ts';

const keyedWindowMs = 24 * 3_600_000;
const contentWindowMs = 10_000;

/** Record by which a repeated request finds the event of the first. */
export interface IdempotencyRecord {
  hash: string;
  /** Digest of the canonical request. */
  request: string;
  /** Identified by the client's key, rather than by its content. */
  keyed: boolean;
}

/** The record of a request; undefined when the request has no key and opted out of deduplication. */
export const toIdempotencyRecord = <
  R extends { idempotencyKey?: string; dedupe?: boolean; hold?: unknown },
>(
  request: R,
): IdempotencyRecord | undefined => {
  // The hold depends on the time of the request.
  const { idempotencyKey: key, dedupe = true, hold: _, ...content } = request;
  if (key === undefined && !dedupe) return undefined;
  const digest = digestOf(canonicalJson(content));
  return key === undefined
    ? { hash: digestOf(`content:${digest}`), request: digest, keyed: false }
    : { hash: digestOf(`key:${key}`), request: digest, keyed: true };
};

/** Write of a record: valid for 24 h with a key, for 10 s without. */
export const idempotencyWrite = (
  turn: Pick<Turn, 'id' | 'project' | 'event' | 'createdAt'>,
  record: IdempotencyRecord,
  when: Condition,
): Step =>
  put(
    idempotencyKey(turn.project, record.hash),
    {
      event: turn.event,
      turn: turn.id,
      request: record.request,
      createdAt: turn.createdAt,
      expiresAt: turn.createdAt + (record.keyed ? keyedWindowMs : contentWindowMs),
    },
    when,
  );

/** The earlier record that refused a transaction, if any. */
export const existingRecord = (result: TransactResult): Item<'IDEM'> | undefined => {
  if (result.committed) return undefined;
  for (const { current } of result.refusals) if (current && 'request' in current) return current;
  return undefined;
};
