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
  /** Until when an equal request is a repeat within the window: see `AcceptRequest`. */
  repeats: 'always' | 'while_open' | 'while_newest';
  windowMs: number;
}

/** Parts that equal requests may have different values of: some depend on time, others are chosen anew for each request. */
interface Incidental {
  idempotencyKey?: string;
  dedupe?: boolean;
  repeatWindowMs?: number;
  hold?: unknown;
  event?: string;
  group?: { owners: unknown; copyOwners: unknown };
}

/** The record of a request; undefined when the request has no key and opted out of deduplication. */
export const toIdempotencyRecord = <R extends Incidental>(
  request: R,
): IdempotencyRecord | undefined => {
  const {
    idempotencyKey,
    dedupe = true,
    repeatWindowMs,
    hold: _,
    event: __,
    group,
    ...rest
  } = request;
  if (idempotencyKey === undefined && !dedupe) return undefined;
  const content = group ? { ...rest, owners: group.owners, copyOwners: group.copyOwners } : rest;
  const digest = digestOf(canonicalJson(content));
  if (idempotencyKey !== undefined)
    return {
      hash: digestOf(`key:${idempotencyKey}`),
      request: digest,
      repeats: 'always',
      windowMs: keyedWindowMs,
    };
  return {
    hash: digestOf(`content:${digest}`),
    request: digest,
    repeats: repeatWindowMs === undefined ? 'while_open' : 'while_newest',
    windowMs: repeatWindowMs ?? contentWindowMs,
  };
};

/** Write of a record, valid for its window. */
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
      expiresAt: turn.createdAt + record.windowMs,
    },
    when,
  );

/** The earlier record that refused a transaction, if any. */
export const existingRecord = (result: TransactResult): Item<'IDEM'> | undefined => {
  if (result.committed) return undefined;
  for (const { current } of result.refusals) if (current && 'request' in current) return current;
  return undefined;
};
