import { canonicalJson, digestOf } from '../domain/digest.ts';
import type { Turn } from '../domain/memory/turn.ts';
import type { Item } from '../domain/table/items.ts';
import { idempotencyKey } from '../domain/table/keys.ts';
import type { Condition, Step, Transacted } from '../ports/store.ts';
import { put } from './steps.ts';

const keyedWindowMs = 24 * 3_600_000;
const contentWindowMs = 10_000;

/** What a request claims, so that its repeat finds the event of the first. */
export interface IdempotencyRecord {
  hash: string;
  /** Digest of what the request asks for. */
  request: string;
  /** By the client's own key, rather than by content. */
  keyed: boolean;
}

/** Undefined when the request opted out of being recognised. */
export const toIdempotencyRecord = <R extends { idempotencyKey?: string; dedupe?: boolean }>(
  request: R,
): IdempotencyRecord | undefined => {
  const { idempotencyKey: key, dedupe = true, ...content } = request;
  if (key === undefined && !dedupe) return undefined;
  const digest = digestOf(canonicalJson(content));
  return key === undefined
    ? { hash: digestOf(`content:${digest}`), request: digest, keyed: false }
    : { hash: digestOf(`key:${key}`), request: digest, keyed: true };
};

export const idempotencyWrite = (turn: Turn, claim: IdempotencyRecord, when: Condition): Step =>
  put(
    idempotencyKey(turn.project, claim.hash),
    {
      event: turn.event,
      turn: turn.id,
      request: claim.request,
      createdAt: turn.createdAt,
      expiresAt: turn.createdAt + (claim.keyed ? keyedWindowMs : contentWindowMs),
    },
    when,
  );

/** The claim that refused a transaction. */
export const existingRecord = (result: Transacted): Item<'IDEM'> | undefined => {
  if (result.committed) return undefined;
  for (const { current } of result.refusals) if (current && 'request' in current) return current;
  return undefined;
};
