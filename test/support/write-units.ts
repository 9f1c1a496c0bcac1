import type {
  AttributeValue,
  TransactWriteItem,
  TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb';
import { sizeOf } from '../../shared/adapters/dynamodb/attribute-value.ts';
import { attribute } from '../../shared/adapters/dynamodb/table.ts';

type Attributes = Record<string, AttributeValue>;

const kilobytes = (item: Attributes): number => Math.max(1, Math.ceil(sizeOf(item) / 1_024));
const keyOf = (item: Attributes): string => JSON.stringify([item['pk']?.S, item['sk']?.S]);

/** Item after an update expression of the adapter: `SET #a = :b, ... REMOVE #c, ...`. */
const updated = (
  before: Attributes,
  { Key, UpdateExpression = '', ...request }: NonNullable<TransactWriteItem['Update']>,
): Attributes => {
  const after: Attributes = { ...before, ...Key };
  const name = (placeholder: string) => request.ExpressionAttributeNames?.[placeholder] ?? '';
  const [sets = '', removes = ''] = UpdateExpression.split('REMOVE');
  for (const [, field = '', value = ''] of sets.matchAll(/(#\w+) = (:\w+)/g)) {
    const attributeValue = request.ExpressionAttributeValues?.[value];
    if (attributeValue) after[name(field)] = attributeValue;
  }
  for (const [field] of removes.matchAll(/#\w+/g)) delete after[name(field)];
  return after;
};

/** Write units of an index entry: one write if it is added, removed or changed, two if its key changes. */
const indexUnits = (
  before: Attributes | undefined,
  after: Attributes | undefined,
  [partition, sort]: readonly [string, string],
  unitsOf: (item: Attributes) => number,
): number => {
  const [old, next] = [before, after].map((item) => (item?.[partition] ? item : undefined));
  const isMoved =
    old &&
    next &&
    [partition, sort].some((n) => JSON.stringify(old[n]) !== JSON.stringify(next[n]));
  if (old && next && !isMoved) return unitsOf(next) * (unitsOf === one ? 0 : 1);
  return (old ? unitsOf(old) : 0) + (next ? unitsOf(next) : 0);
};

const one = (): number => 1;
const dueIndexKey = [attribute.duePartition, attribute.dueSort] as const;
const listIndexKey = [attribute.listPartition, attribute.listSort] as const;

/**
 * Write units of DynamoDB by its published rules: one per started kilobyte of the larger of the item before and after,
 * twice that in a transaction, plus the entries of the indexes. The emulator does not report all of these.
 */
export const createWriteUnits = () => {
  const items = new Map<string, Attributes>();

  const unitsOf = ({ Put, Update, Delete, ConditionCheck }: TransactWriteItem, times: number) => {
    const key = keyOf(Put?.Item ?? Update?.Key ?? Delete?.Key ?? ConditionCheck?.Key ?? {});
    const before = items.get(key);
    if (ConditionCheck) return times * kilobytes(before ?? {});
    const after = Put?.Item ?? (Update && updated(before ?? {}, Update));
    if (after) items.set(key, after);
    else items.delete(key);
    return (
      times * Math.max(kilobytes(before ?? {}), kilobytes(after ?? {})) +
      indexUnits(before, after, dueIndexKey, one) +
      indexUnits(before, after, listIndexKey, kilobytes)
    );
  };

  return (command: string, input: object): number => {
    if (command === 'TransactWriteItemsCommand') {
      const { TransactItems = [] } = input as TransactWriteItemsCommandInput;
      return TransactItems.reduce((sum, item) => sum + unitsOf(item, 2), 0);
    }
    const [, kind] = /^(Put|Update|Delete)Item/.exec(command) ?? [];
    return kind ? unitsOf({ [kind]: input } as TransactWriteItem, 1) : 0;
  };
};
