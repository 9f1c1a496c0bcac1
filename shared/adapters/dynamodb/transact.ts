import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { FailedCondition, Step, Store, TransactResult } from '../../ports/store.ts';
import type { withStoreErrors } from './attempt.ts';
import { createBackoff } from './backoff.ts';
import { isTrueWhenAbsent } from './condition-expression.ts';
import { conflict, throttled } from './errors.ts';
import { itemOf } from './item-mapping.ts';
import { assertValidTransaction, refuseTooLarge } from './limits.ts';
import { writeSingle } from './send-once.ts';
import { type FailedWrite, type WriteResult, writeTransaction } from './send-together.ts';
import { type Draft, draftOf, requestOf } from './write-request.ts';

const tries = 5;

const canReplaceExpired = ({ step: { op, when } }: Draft): boolean =>
  op === 'update' && (when === undefined || isTrueWhenAbsent(when.test));

/** The steps that are updates of an expired item, which start afresh, after what the table showed of them. */
const expiredUpdates = (
  drafts: readonly Draft[],
  refused: readonly FailedWrite[],
  before: ReadonlySet<number>,
  now: number,
): ReadonlySet<number> => {
  const after = new Set(before);
  for (const { step, stored } of refused) {
    const draft = drafts[step];
    if (itemOf(stored, now)) after.delete(step);
    else if (draft && stored && canReplaceExpired(draft)) after.add(step);
  }
  return after;
};

const isSame = (one: ReadonlySet<number>, other: ReadonlySet<number>): boolean =>
  one.size === other.size && [...one].every((step) => other.has(step));

const refusalsOf = (
  steps: readonly Step[],
  refused: readonly FailedWrite[],
  now: number,
): FailedCondition[] =>
  refused.map(({ step, stored }) => ({
    step,
    condition: steps[step]?.when?.name ?? '',
    current: itemOf(stored, now),
  }));

export const createTransact = ({
  client,
  table,
  clock,
  ids,
  attempt,
}: {
  client: DynamoDBClient;
  table: string;
  clock: Clock;
  ids: Pick<Ids, 'next' | 'random'>;
  attempt: withStoreErrors;
}): Store['transact'] => {
  const pause = createBackoff({ clock, ids });

  const send = (requests: TransactWriteItem[]): Promise<WriteResult> => {
    const [only] = requests;
    return requests.length === 1 && only && !only.ConditionCheck
      ? attempt('write', () => writeSingle(client, only))
      : attempt('transact', () => writeTransaction(client, requests, ids.next()));
  };

  const writeWithRetry = async (requests: TransactWriteItem[]) => {
    for (let attempted = 1; ; attempted++) {
      const sent = await send(requests);
      if (sent.outcome !== 'throttled') return sent;
      if (attempted === tries) throw throttled(sent.cause);
      await pause(attempted);
    }
  };

  /** An update does not know whether the item has expired: refused for that, it is sent in its other form. */
  const run = async (steps: readonly Step[], drafts: readonly Draft[]): Promise<TransactResult> => {
    let asPut: ReadonlySet<number> = new Set();
    for (let attempted = 1; attempted <= tries; attempted++) {
      const now = clock.now();
      const sent = await writeWithRetry(
        drafts.map((draft, i) => requestOf(table, draft, now, asPut.has(i))),
      );
      if (sent.outcome === 'committed') return { committed: true };
      const next = expiredUpdates(drafts, sent.refused, asPut, now);
      if (isSame(next, asPut))
        return { committed: false, refusals: refusalsOf(steps, sent.refused, now) };
      asPut = next;
    }
    throw conflict();
  };

  return async (steps) => {
    assertValidTransaction(steps);
    const drafts = steps.map(draftOf);
    refuseTooLarge(drafts);
    return steps.length === 0 ? { committed: true } : await run(steps, drafts);
  };
};
