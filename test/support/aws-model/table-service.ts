import {
  type BatchGetItemCommandInput,
  ConditionalCheckFailedException,
  DynamoDBClient,
  type GetItemCommandInput,
  ProvisionedThroughputExceededException,
  type QueryCommandInput,
  TransactionCanceledException,
  TransactionConflictException,
  type TransactWriteItem,
  type TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Attributes } from '../../../shared/adapters/dynamodb/attribute-value.ts';
import { attribute } from '../../../shared/adapters/dynamodb/table.ts';
import type { Capacity } from './capacity.ts';
import { meets, updated } from './expressions.ts';
import { type Charge, keyOf, type TableItems, textIn } from './table-items.ts';

export interface TableLatencies {
  readMs: number;
  writeMs: number;
  transactionMs: number;
}

/** Dependencies of the table. A test with real time uses the same model. */
export interface TableDeps {
  items: TableItems;
  capacity: Capacity;
  sleep(ms: number): Promise<void>;
  /** A duration around this median. */
  sample(medianMs: number): number;
  latencies: TableLatencies;
  onWrite?(key: string, after: Attributes | undefined): void;
}

/** One write of a request: its item, its condition, and its result. */
interface Write {
  key: string;
  condition: string | undefined;
  input: NonNullable<TransactWriteItem['Update']> | NonNullable<TransactWriteItem['Put']> | object;
  isCheck: boolean;
  after(before: Attributes | undefined): Attributes | undefined;
}

interface Prepared {
  write: Write;
  after: Attributes | undefined;
  charges: Charge[];
}

const toWrite = ({ Put, Update, Delete, ConditionCheck }: TransactWriteItem): Write => {
  const input = Put ?? Update ?? Delete ?? ConditionCheck;
  if (!input) throw new TypeError('a write without an operation');
  const key = Put ? Put.Item : (Update ?? Delete ?? ConditionCheck)?.Key;
  return {
    key: keyOf(key ?? {}),
    condition: input.ConditionExpression,
    input,
    isCheck: ConditionCheck !== undefined,
    after(before) {
      if (Put) return { ...Put.Item };
      if (!Update) return ConditionCheck ? before : undefined;
      return updated({ ...before, ...Update.Key }, Update.UpdateExpression ?? '', Update);
    },
  };
};

const $metadata = {};
const throttledError = () =>
  new ProvisionedThroughputExceededException({ message: 'too many units', $metadata });

const readUnits = (bytes: number, isConsistent: boolean): number =>
  Math.max(1, Math.ceil(bytes / 4_096)) * (isConsistent ? 1 : 0.5);

/** Tries of the SDK when a request is throttled, and its pause before the first repetition. */
const maxTries = 4;
const firstPauseMs = 100;

/**
 * Table with the documented behaviour of transactions: an item that a transaction names, by a condition check too, conflicts with
 * every other write of the item until the transaction ends. Reads are not delayed. Conditions are tested at the end, when all
 * writes of a transaction take effect at once.
 */
export const createTableService = (deps: TableDeps) => {
  const { items, capacity, sleep, sample, latencies } = deps;
  const inTransaction = new Set<string>();
  const conflicts = new Map<string, number>();
  const requests = new Map<string, number>();
  const tokens = new Set<string>();

  const recordConflict = (key: string): void => {
    conflicts.set(key, (conflicts.get(key) ?? 0) + 1);
  };

  const isMet = ({ key, condition, input }: Write): boolean =>
    meets(condition, items.get(key)?.item ?? {}, input);

  /** The item after a write, and what the write is charged: a check as a write of the item, without its index entries. */
  const prepare = (write: Write, times: 1 | 2): Prepared => {
    const after = write.after(items.get(write.key)?.item);
    const charges = items.charges(write.key, after, times);
    return { write, after, charges: write.isCheck ? charges.slice(0, 1) : charges };
  };

  const take = ({ write, after }: Prepared): void => {
    if (write.isCheck) return;
    items.write(write.key, after);
    deps.onWrite?.(write.key, after);
  };

  const writeSingle = async (request: TransactWriteItem): Promise<object> => {
    const write = toWrite(request);
    await sleep(sample(latencies.writeMs));
    const prepared = prepare(write, 1);
    const { charges } = prepared;
    if (!capacity.admitsWrite(charges)) throw throttledError();
    if (inTransaction.has(write.key)) {
      recordConflict(write.key);
      throw new TransactionConflictException({ message: 'conflict', $metadata });
    }
    if (!isMet(write)) {
      capacity.write(charges.slice(0, 1));
      const Item = items.get(write.key)?.item;
      const failure = { message: 'condition', $metadata, ...(Item && { Item }) };
      throw new ConditionalCheckFailedException(failure);
    }
    capacity.write(charges);
    take(prepared);
    return {};
  };

  const cancelled = (codes: readonly string[], found: readonly (Attributes | undefined)[] = []) =>
    new TransactionCanceledException({
      message: 'cancelled',
      $metadata,
      CancellationReasons: codes.map((Code, i) => {
        const Item = found[i];
        return { Code, ...(Item && { Item }) };
      }),
    });

  /** Why a transaction cannot begin, by its writes; undefined if it can. */
  const obstacles = (prepared: readonly Prepared[]): string[] | undefined => {
    const codes = prepared.map(({ write, charges }) => {
      if (inTransaction.has(write.key)) {
        recordConflict(write.key);
        return 'TransactionConflict';
      }
      return capacity.admitsWrite(charges) ? 'None' : 'ThrottlingError';
    });
    return codes.every((code) => code === 'None') ? undefined : codes;
  };

  const commitAll = (prepared: readonly Prepared[]): void => {
    const charges = prepared.flatMap((one) => one.charges);
    const met = prepared.map(({ write }) => isMet(write));
    if (met.includes(false)) {
      capacity.write(charges.filter(({ index }) => index === undefined));
      throw cancelled(
        met.map((isTrue) => (isTrue ? 'None' : 'ConditionalCheckFailed')),
        prepared.map(({ write }, i) => (met[i] ? undefined : items.get(write.key)?.item)),
      );
    }
    capacity.write(charges);
    for (const one of prepared) take(one);
  };

  const transact = async ({
    TransactItems = [],
    ClientRequestToken: token = '',
  }: TransactWriteItemsCommandInput): Promise<object> => {
    if (tokens.has(token)) return {};
    const prepared = TransactItems.map((item) => prepare(toWrite(item), 2));
    const codes = obstacles(prepared);
    if (codes) {
      await sleep(sample(latencies.readMs));
      throw cancelled(codes);
    }
    for (const { write } of prepared) inTransaction.add(write.key);
    try {
      await sleep(sample(latencies.transactionMs));
      commitAll(prepared);
      tokens.add(token);
      return {};
    } finally {
      for (const { write } of prepared) inTransaction.delete(write.key);
    }
  };

  const get = async ({ Key = {} }: GetItemCommandInput): Promise<object> => {
    await sleep(sample(latencies.readMs));
    const pk = textIn(Key, attribute.partition);
    if (!capacity.admitsRead(pk)) throw throttledError();
    const row = items.get(keyOf(Key));
    capacity.read(pk, readUnits(row?.bytes ?? 0, true));
    return row ? { Item: { ...row.item } } : {};
  };

  const batchGet = async ({ RequestItems = {} }: BatchGetItemCommandInput): Promise<object> => {
    await sleep(sample(latencies.readMs));
    const [[table, { Keys = [] }] = ['', {}]] = Object.entries(RequestItems);
    const isAdmitted = (key: Attributes): boolean =>
      capacity.admitsRead(textIn(key, attribute.partition));
    const refused = Keys.filter((key) => !isAdmitted(key));
    const found = Keys.filter((key) => !refused.includes(key)).flatMap((key) => {
      const row = items.get(keyOf(key));
      capacity.read(textIn(key, attribute.partition), readUnits(row?.bytes ?? 0, true));
      return row ? [{ ...row.item }] : [];
    });
    const UnprocessedKeys = refused.length > 0 ? { [table]: { Keys: refused } } : {};
    return { Responses: { [table]: found }, UnprocessedKeys };
  };

  const query = async (input: QueryCommandInput): Promise<object> => {
    await sleep(sample(latencies.readMs));
    const [partition] = Object.values(input.ExpressionAttributeValues ?? {});
    const pk = `${input.IndexName ?? ''}${partition?.S}`;
    if (!capacity.admitsRead(pk)) throw throttledError();
    const { items: Items, last, bytes } = items.query(input);
    capacity.read(pk, readUnits(bytes, input.ConsistentRead === true));
    return { Items, ...(last && { LastEvaluatedKey: last }) };
  };

  const answer = (name: string, input: object): Promise<object> => {
    if (name === 'TransactWriteItemsCommand')
      return transact(input as TransactWriteItemsCommandInput);
    if (name === 'GetItemCommand') return get(input as GetItemCommandInput);
    if (name === 'BatchGetItemCommand') return batchGet(input as BatchGetItemCommandInput);
    if (name === 'QueryCommand') return query(input as QueryCommandInput);
    const [, operation] = /^(Put|Update|Delete)ItemCommand$/.exec(name) ?? [];
    if (!operation) throw new TypeError(`the model has no ${name}`);
    return writeSingle({ [operation]: input });
  };

  /** Sends a request as the SDK does, which repeats throttled ones with exponential backoff and jitter. */
  const send = async (name: string, input: object): Promise<object> => {
    requests.set(name, (requests.get(name) ?? 0) + 1);
    for (let attempt = 1; ; attempt++) {
      try {
        return await answer(name, input);
      } catch (error) {
        const isThrottled = error instanceof ProvisionedThroughputExceededException;
        if (!isThrottled || attempt === maxTries) throw error;
        await sleep(Math.random() * firstPauseMs * 2 ** attempt);
      }
    }
  };

  return {
    conflicts,
    requests,
    /** Client of one process. @param beforeSend time that the process takes for a request */
    client(beforeSend: () => Promise<void> = async () => {}): DynamoDBClient {
      const real = new DynamoDBClient({ region: 'us-east-1' });
      const sendCommand = async (command: { constructor: { name: string }; input: object }) => {
        await beforeSend();
        return send(command.constructor.name, command.input);
      };
      return Object.assign(real, { send: sendCommand, destroy: () => {} });
    },
  };
};
