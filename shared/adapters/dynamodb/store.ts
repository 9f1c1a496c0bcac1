import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { ItemKind, Key } from '../../domain/table/items.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Store } from '../../ports/store.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { readDue } from './due.ts';
import { createStoreCall } from './errors.ts';
import { createGetMany } from './get-many.ts';
import { itemOf, keyAttributes } from './item-mapping.ts';
import { listPage, queryPage } from './pages.ts';
import { createTransact } from './transact.ts';

const baseDelayMs = 20;

/** Creates an exponential backoff with jitter: waits before retry number `attempt`. */
const createBackoff =
  ({ clock, ids }: { clock: Pick<Clock, 'sleep'>; ids: Pick<Ids, 'random'> }) =>
  (attempt: number): Promise<void> =>
    clock.sleep(baseDelayMs * 2 ** attempt * (0.5 + ids.random()));

const absentKey = { pk: 'SETTINGS', sk: 'none' };

/**
 * Creates the store on one DynamoDB table (see `tableDefinition`), which removes expired items by itself. Throttled
 * requests are retried with backoff; a failed call is logged as `store.failed`. Closing the store closes the client.
 */
export const createDynamoDbStore = ({
  client,
  table,
  clock,
  ids,
  telemetry,
}: {
  client: DynamoDBClient;
  table: string;
  clock: Clock;
  ids: Pick<Ids, 'next' | 'random'>;
  telemetry?: Telemetry;
}): Store => {
  const call = createStoreCall(telemetry);
  const backoff = createBackoff({ clock, ids });
  const getMany = createGetMany({ client, table, backoff, call });
  const read = (key: Omit<Key, 'kind'>) =>
    client.send(
      new GetItemCommand({ TableName: table, Key: keyAttributes(key), ConsistentRead: true }),
    );

  return {
    async get<K extends ItemKind>(key: Key<K>) {
      const { Item } = await call('get', () => read(key));
      return itemOf<K>(Item, clock.now());
    },
    getMany: (keys) => getMany(keys, clock.now),
    query: (range) => call('query', () => queryPage(client, table, range, clock.now)),
    list: (range) => call('list', () => listPage(client, table, range, clock.now)),
    transact: createTransact({ client, table, clock, ids, backoff, call }),
    due: (query) => call('due', () => readDue(client, table, query)),
    purge: async () => 0,
    check: () => call('check', async () => void (await read(absentKey))),
    close: async () => client.destroy(),
  };
};
