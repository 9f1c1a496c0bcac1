import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { TerminalError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { FailedCondition, Step, Store, TransactResult } from '../../ports/store.ts';
import { isTrueWhenAbsent } from './condition-expression.ts';
import { conflict, itemTooLarge, type StoreCall, throttled } from './errors.ts';
import { itemOf } from './item-mapping.ts';
import { buildRequest, type PreparedWrite, prepareWrite } from './write-request.ts';
import { writeSingle } from './write-single.ts';
import { type FailedWrite, type WriteResult, writeTransaction } from './write-transaction.ts';

const maxTries = 5;
const maxSteps = 100;
const maxItemBytes = 400 * 1024;
const maxTransactionBytes = 4 * 1024 * 1024;

/** @throws TypeError */
const assertValidTransaction = (steps: readonly Step[]): void => {
  if (steps.length > maxSteps)
    throw new TypeError(`a transaction has at most ${maxSteps} steps, not ${steps.length}`);
  const items = new Set(steps.map(({ key }) => JSON.stringify([key.pk, key.sk])));
  if (items.size < steps.length)
    throw new TypeError('no two steps of a transaction name the same item');
};

/**
 * Checks the size limits of DynamoDB, whose own errors do not say which limit was exceeded.
 *
 * @throws TerminalError item_too_large, transaction_too_large
 */
const assertSize = (prepared: readonly PreparedWrite[]): void => {
  const large = prepared.find(({ size }) => size > maxItemBytes);
  if (large) throw itemTooLarge(`A ${large.step.key.kind} item`);
  if (prepared.reduce((sum, { size }) => sum + size, 0) > maxTransactionBytes)
    throw new TerminalError(
      'transaction_too_large',
      'The items written together are larger than the 4 MB that a transaction may have.',
    );
};

const canReplaceExpired = ({ step: { op, when } }: PreparedWrite): boolean =>
  op === 'update' && (when === undefined || isTrueWhenAbsent(when.test));

/**
 * Returns the steps that update an expired item, by the items that a refused transaction returned. Such a step is sent
 * again as a put.
 */
const expiredUpdates = (
  prepared: readonly PreparedWrite[],
  refused: readonly FailedWrite[],
  before: ReadonlySet<number>,
  now: number,
): ReadonlySet<number> => {
  const after = new Set(before);
  for (const { step, stored } of refused) {
    const write = prepared[step];
    if (itemOf(stored, now)) after.delete(step);
    else if (write && stored && canReplaceExpired(write)) after.add(step);
  }
  return after;
};

const areEqual = (one: ReadonlySet<number>, other: ReadonlySet<number>): boolean =>
  one.size === other.size && [...one].every((step) => other.has(step));

const toRefusals = (
  steps: readonly Step[],
  refused: readonly FailedWrite[],
  now: number,
): FailedCondition[] =>
  refused.map(({ step, stored }) => ({
    step,
    condition: steps[step]?.when?.name ?? '',
    current: itemOf(stored, now),
  }));

/**
 * Creates the `transact` of the store: `TransactWriteItems`, or a single write for a transaction of one step. Retries
 * throttled requests with backoff, since nothing was written then.
 */
export const createTransact = ({
  client,
  table,
  clock,
  ids,
  backoff,
  call,
}: {
  client: DynamoDBClient;
  table: string;
  clock: Clock;
  ids: Pick<Ids, 'next'>;
  backoff: (attempt: number) => Promise<void>;
  call: StoreCall;
}): Store['transact'] => {
  const send = (requests: TransactWriteItem[]): Promise<WriteResult> => {
    const [only] = requests;
    return requests.length === 1 && only && !only.ConditionCheck
      ? call('write', () => writeSingle(client, only))
      : call('transact', () => writeTransaction(client, requests, ids.next()));
  };

  const writeWithRetry = async (requests: TransactWriteItem[]) => {
    for (let attempt = 1; ; attempt++) {
      const result = await send(requests);
      if (result.outcome !== 'throttled') return result;
      if (attempt === maxTries) throw throttled(result.cause);
      await backoff(attempt);
    }
  };

  /** Sends the transaction. An update that was refused because its item has expired is sent again as a put. */
  const run = async (
    steps: readonly Step[],
    prepared: readonly PreparedWrite[],
  ): Promise<TransactResult> => {
    let asPut: ReadonlySet<number> = new Set();
    for (let attempt = 1; attempt <= maxTries; attempt++) {
      const now = clock.now();
      const result = await writeWithRetry(
        prepared.map((write, i) => buildRequest(table, write, now, asPut.has(i))),
      );
      if (result.outcome === 'committed') return { committed: true };
      const next = expiredUpdates(prepared, result.refused, asPut, now);
      if (areEqual(next, asPut))
        return { committed: false, refusals: toRefusals(steps, result.refused, now) };
      asPut = next;
    }
    throw conflict();
  };

  return async (steps) => {
    assertValidTransaction(steps);
    const prepared = steps.map(prepareWrite);
    assertSize(prepared);
    return steps.length === 0 ? { committed: true } : await run(steps, prepared);
  };
};
