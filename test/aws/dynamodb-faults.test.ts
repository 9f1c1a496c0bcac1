import {
  ProvisionedThroughputExceededException,
  ThrottlingException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import { absent, given, newProject, pending, put } from '../contract/store-harness.ts';
import {
  type Interference,
  interfere,
  lostConnection,
  type Request,
  rewriteAnswers,
} from '../support/dynamodb-faults.ts';
import { localClient, openTable } from '../support/dynamodb-table.ts';

const sleeps: number[] = [];
const clock = {
  now: () => Date.now(),
  async sleep(ms: number) {
    sleeps.push(ms);
  },
};
/** Ids without jitter, so that delays can be compared. */
const ids = { ...createIds(clock), random: () => 0.5 };

let shared: Awaited<ReturnType<typeof openTable>>;
beforeAll(async () => {
  shared = await openTable();
});
afterAll(() => shared.client.destroy());

/** Opens a store on the shared table with an interference in its requests. */
const opened = (interference: Interference, telemetry?: Telemetry) => {
  const client = localClient({ maxAttempts: 3 });
  const requests = interfere(client, interference);
  const { table } = shared;
  const store = createDynamoDbStore({
    client,
    table,
    clock,
    ids,
    ...(telemetry && { telemetry }),
  });
  return { store, client, requests };
};

const loseAnswer: Interference = async ({ at }, send) => {
  const answer = await send();
  if (at === 1) throw lostConnection();
  return answer;
};

const untouched: Interference = (_, send) => send();

const failing =
  (error: () => Error, times = Number.POSITIVE_INFINITY): Interference =>
  ({ at }, send) => {
    if (at <= times) throw error();
    return send();
  };

const cancelled = (...codes: string[]) =>
  new TransactionCanceledException({
    message: 'cancelled',
    $metadata: {},
    CancellationReasons: codes.map((Code) => ({ Code })),
  });

const tokensOf = (requests: readonly Request[]) =>
  requests.map(({ input }) => 'ClientRequestToken' in input && input.ClientRequestToken);

const two = (project = newProject()) => [pending(project, 'a'), pending(project, 'b')] as const;

describe('a lost response of DynamoDB', () => {
  it('a transaction with a lost response is repeated with the same token and applied once', async () => {
    const { store, requests } = opened(loseAnswer);
    const [a, b] = two();

    const outcome = await store.transact([put(a.key, a.item, absent), put(b.key, b.item, absent)]);

    const tokens = tokensOf(requests);
    expect(outcome).toEqual({ committed: true });
    expect(tokens).toEqual([expect.any(String), tokens[0]]);
  });

  it('a single write with a lost response is not repeated, and its outcome is unknown', async () => {
    const { store, requests } = opened(loseAnswer);
    const [a] = two();

    const outcome = store.transact([put(a.key, a.item, absent)]);

    await expect(outcome).rejects.toMatchObject({
      name: 'RetryableError',
      code: 'store_unavailable',
    });
    expect(requests).toHaveLength(1);
    expect(await store.get(a.key)).toEqual(a.item);
  });

  it('a read with a lost response is repeated', async () => {
    const { store, requests } = opened(loseAnswer);
    const [a] = two();

    expect(await store.get(a.key)).toBeUndefined();
    expect(requests).toHaveLength(2);
  });
});

describe('an unreachable table', () => {
  it('every call to an unreachable table fails as store_unavailable', async () => {
    const { store } = opened(failing(lostConnection));
    const [a, b] = two();
    const range = { kind: 'PEND', pk: a.key.pk, prefix: '' } as const;
    const calls = [
      () => store.get(a.key),
      () => store.getMany([a.key]),
      () => store.query(range),
      () => store.list(range),
      () => store.due({ class: 'work', until: 1, limit: 1 }),
      () => store.transact([put(a.key, a.item)]),
      () => store.transact([put(a.key, a.item), put(b.key, b.item)]),
      () => store.check(),
    ];

    for (const call of calls)
      await expect(call()).rejects.toMatchObject({
        name: 'RetryableError',
        code: 'store_unavailable',
      });
  });

  it('a missing table is store_misconfigured, and the log names the failed call', async () => {
    const lines: unknown[] = [];
    const store = createDynamoDbStore({
      client: localClient(),
      table: 'turnstone-none',
      clock,
      ids,
      telemetry: { log: (...line) => void lines.push(line) },
    });

    await expect(store.check()).rejects.toMatchObject({ code: 'store_misconfigured' });
    expect(lines).toEqual([
      [
        'error',
        'store.failed',
        { operation: 'check', code: 'store_misconfigured', cause: 'ResourceNotFoundException' },
      ],
    ]);
  });
});

describe('throttling by DynamoDB', () => {
  const throttle = () => new ThrottlingException({ message: 'slow down', $metadata: {} });
  const exceeded = () =>
    new ProvisionedThroughputExceededException({ message: 'too much', $metadata: {} });

  it.each([throttle, exceeded])(
    'short throttling is retried without an error, also of a single write',
    async (error) => {
      const { store, requests } = opened(failing(error, 1));
      const [a] = two();

      const outcome = await store.transact([put(a.key, a.item, absent)]);

      expect(outcome).toEqual({ committed: true });
      expect(requests).toHaveLength(2);
    },
  );

  it('lasting throttling fails as store_throttled', async () => {
    const { store } = opened(failing(throttle));
    const [a, b] = two();

    const outcomes = await Promise.allSettled([
      store.get(a.key),
      store.transact([put(a.key, a.item)]),
      store.transact([put(a.key, a.item), put(b.key, b.item)]),
    ]);

    for (const outcome of outcomes)
      expect(outcome).toMatchObject({
        reason: { name: 'RetryableError', code: 'store_throttled' },
      });
  });

  it('a transaction with a throttled step is retried with exponential backoff', async () => {
    const [a, b] = two();
    const steps = [put(a.key, a.item), put(b.key, b.item)];
    const throttledStep = () => cancelled('None', 'ThrottlingError');
    const recovering = opened(failing(throttledStep, 2));
    const lasting = opened(failing(throttledStep));
    sleeps.length = 0;

    const outcome = await recovering.store.transact(steps);
    const pauses = [...sleeps];
    const failed = lasting.store.transact(steps);

    expect(outcome).toEqual({ committed: true });
    expect(pauses).toEqual([40, 80]);
    await expect(failed).rejects.toMatchObject({ code: 'store_throttled' });
    expect(new Set(tokensOf(recovering.requests)).size).toBe(3);
  });
});

describe('transaction conflicts in DynamoDB', () => {
  it('a conflicting transaction fails as transaction_conflict and writes nothing, whatever else was refused', async () => {
    const [a, b] = two();
    const { store } = opened(
      failing(() => cancelled('ConditionalCheckFailed', 'TransactionConflict')),
    );

    const outcome = store.transact([put(a.key, a.item, absent), put(b.key, b.item)]);

    await expect(outcome).rejects.toMatchObject({
      name: 'RetryableError',
      code: 'transaction_conflict',
    });
  });

  it('concurrent transactions fail by conflicts only', async () => {
    const { store } = opened(untouched);
    const [a, b] = two();
    await given(store, put(a.key, a.item), put(b.key, b.item));

    const outcomes = await Promise.allSettled(
      Array.from({ length: 24 }, (_, i) => {
        const steps = [a, b].map(({ key, item }) => put(key, { ...item, failures: i }));
        return store.transact(i % 2 === 0 ? steps : steps.toReversed());
      }),
    );

    const refused = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason.code] : [],
    );
    const [first, second] = await store.getMany([a.key, b.key]);
    expect(refused).toEqual(refused.map(() => 'transaction_conflict'));
    expect(first?.failures).toBe(second?.failures);
  });
});

describe('unprocessed keys of a batch read', () => {
  it('unprocessed keys are requested again until all are read', async () => {
    const { store, client, requests } = opened(untouched);
    const project = newProject();
    const turns = Array.from({ length: 20 }, (_, i) => pending(project, `t${i}`));
    await given(store, ...turns.map(({ key, item }) => put(key, item)));
    rewriteAnswers(client, (input, output) => {
      if (!('Responses' in output && 'RequestItems' in input)) return output;
      const found = output.Responses;
      if (!found || Array.isArray(found)) return output;
      const items = found[shared.table] ?? [];
      const left = items.slice(6).map(({ pk, sk }) => ({ pk, sk }));
      return {
        ...output,
        Responses: { [shared.table]: items.slice(0, 6) },
        UnprocessedKeys: left.length > 0 ? { [shared.table]: { Keys: left } } : {},
      } as typeof output;
    });

    const found = await store.getMany(turns.map(({ key }) => key));

    expect(found).toEqual(turns.map(({ item }) => item));
    expect(requests.filter(({ name }) => name === 'BatchGetItemCommand')).toHaveLength(4);
  });

  it('keys that stay unprocessed fail as store_throttled', async () => {
    const { store, client } = opened(untouched);
    rewriteAnswers(client, (input, output) =>
      'RequestItems' in input
        ? ({ ...output, Responses: {}, UnprocessedKeys: input.RequestItems } as typeof output)
        : output,
    );

    const found = store.getMany([two()[0].key]);

    await expect(found).rejects.toMatchObject({ code: 'store_throttled' });
  });
});
