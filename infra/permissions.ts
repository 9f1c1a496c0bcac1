import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { FunctionName } from './bundle.ts';
import type { Queues } from './queues.ts';
import type { Secrets } from './secrets.ts';
import { dueIndex, listIndex } from './table.ts';

export interface Resources {
  table: Table;
  queues: Queues;
  secrets: Secrets;
}

const allow = (
  service: string,
  actions: readonly string[],
  resources: string[],
  conditions: { [operator: string]: unknown } = {},
): PolicyStatement =>
  new PolicyStatement({
    actions: actions.map((action) => `${service}:${action}`),
    resources,
    conditions,
  });

const indexOf = (table: Table, name: string): string => `${table.tableArn}/index/${name}`;

/** Transactions are authorised by what they consist of. */
const write = ['PutItem', 'UpdateItem', 'DeleteItem'];
/** On condition, too, of items that stay as they are: a lease that is held, a gate that has not moved. */
const conditionalWriteActions = [...write, 'ConditionCheckItem'];

/** A secret is sealed for one endpoint of one project: the key is of no use to who does not say which. */
const requireEncryptionContext = {
  Null: { 'kms:EncryptionContext:project': 'false', 'kms:EncryptionContext:endpoint': 'false' },
};

const sendTo = ({ queues }: Resources, ...names: (keyof Queues)[]): PolicyStatement =>
  allow(
    'sqs',
    ['SendMessage'],
    names.map((name) => queues[name].queue.queueArn),
  );

const readKeys = ({ secrets }: Resources): PolicyStatement =>
  allow('secretsmanager', ['GetSecretValue'], [secrets.modelKeys.secretArn]);

const useKey = ({ secrets }: Resources, ...actions: string[]): PolicyStatement =>
  allow('kms', actions, [secrets.webhookKey.keyArn], requireEncryptionContext);

/** What each function does with the resources, and no more. */
export const permissions: {
  readonly [name in FunctionName]: (resources: Resources) => PolicyStatement[];
} = {
  api: (all) => [
    allow('dynamodb', ['GetItem', 'BatchGetItem', 'Query', ...write], [all.table.tableArn]),
    allow('dynamodb', ['Query'], [indexOf(all.table, listIndex)]),
    sendTo(all, 'turns', 'notifications'),
    readKeys(all),
    useKey(all, 'Encrypt', 'Decrypt'),
  ],
  worker: (all) => [
    allow(
      'dynamodb',
      ['GetItem', 'BatchGetItem', 'Query', ...conditionalWriteActions],
      [all.table.tableArn],
    ),
    sendTo(all, 'turns', 'notifications'),
    readKeys(all),
  ],
  dispatcher: (all) => [
    allow(
      'dynamodb',
      ['GetItem', 'BatchGetItem', 'Query', ...conditionalWriteActions],
      [all.table.tableArn],
    ),
    // A recovery reads what was told by time.
    allow('dynamodb', ['Query'], [indexOf(all.table, listIndex)]),
    sendTo(all, 'notifications'),
    useKey(all, 'Decrypt'),
  ],
  sweeper: (all) => [
    allow('dynamodb', ['Query'], [indexOf(all.table, dueIndex)]),
    // It notices that the index is to be made anew, and writes a job for each project.
    allow('dynamodb', ['BatchGetItem', 'Query', 'PutItem'], [all.table.tableArn]),
    sendTo(all, 'turns', 'notifications'),
  ],
};
