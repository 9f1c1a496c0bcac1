import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { StackBucket } from './bucket.ts';
import type { FunctionName } from './bundle.ts';
import type { Queues } from './queues.ts';
import type { Secrets } from './secrets.ts';
import { dueIndex, listIndex, type StackTable } from './table.ts';
import type { StackVectors } from './vectors.ts';

export interface Resources {
  table: StackTable;
  /** Attachments. */
  bucket: StackBucket;
  queues: Queues;
  secrets: Secrets;
  /** Absent in a stack whose index is Pinecone. */
  vectors?: StackVectors | undefined;
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

/** Actions of writes. IAM authorizes a transaction by the actions that it consists of. */
const write = ['PutItem', 'UpdateItem', 'DeleteItem'];

/** Partitions of API keys and their projects, and of the settings of the installation. */
const keyPartitions = ['K#*', 'PROJECTS'];
const settingPartitions = ['SETTINGS'];

/** Denies writes of some partitions: a function that works on turns and deliveries must not be able to make itself a key. */
const neverWrite = ({ table }: Resources, partitions: readonly string[]): PolicyStatement =>
  new PolicyStatement({
    effect: Effect.DENY,
    actions: write.map((action) => `dynamodb:${action}`),
    resources: [table.tableArn],
    conditions: { 'ForAnyValue:StringLike': { 'dynamodb:LeadingKeys': partitions } },
  });

const indexOf = (table: Resources['table'], name: string): string =>
  `${table.tableArn}/index/${name}`;

/** Actions of transactions with conditions on items that they do not change, such as a valid lease or an unchanged limiter. */
const conditionalWriteActions = [...write, 'ConditionCheckItem'];

/** Requires a KMS encryption context: decrypting takes the project and the endpoint that the secret was encrypted for. */
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

const objects = ({ bucket }: Resources, ...actions: string[]): PolicyStatement =>
  allow('s3', actions, [bucket.arnForObjects('*')]);

/** Actions on the indexes of the vector bucket. A query with a filter takes the right to get vectors, too. */
const onVectors = ({ vectors }: Resources, ...actions: string[]): PolicyStatement[] =>
  vectors ? [allow('s3vectors', actions, [vectors.indexArns])] : [];

const kmsAccess = ({ secrets }: Resources, ...actions: string[]): PolicyStatement =>
  allow('kms', actions, [secrets.webhookKey.keyArn], requireEncryptionContext);

/** Permissions of each function, by least privilege. */
export const permissions: {
  readonly [name in FunctionName]: (resources: Resources) => PolicyStatement[];
} = {
  api: (all) => [
    // A copy into a knowledge base is conditional on the record of the knowledge base.
    allow(
      'dynamodb',
      ['GetItem', 'BatchGetItem', 'Query', ...conditionalWriteActions],
      [all.table.tableArn],
    ),
    allow('dynamodb', ['Query'], [indexOf(all.table, listIndex)]),
    sendTo(all, 'turns', 'upkeep', 'notifications'),
    readKeys(all),
    kmsAccess(all, 'Encrypt', 'Decrypt'),
    objects(all, 'PutObject'),
    // A search removes entries that it finds out of date.
    ...onVectors(all, 'QueryVectors', 'GetVectors', 'DeleteVectors'),
  ],
  worker: (all) => [
    neverWrite(all, [...keyPartitions, ...settingPartitions]),
    allow(
      'dynamodb',
      ['GetItem', 'BatchGetItem', 'Query', ...conditionalWriteActions],
      [all.table.tableArn],
    ),
    sendTo(all, 'turns', 'upkeep', 'files', 'notifications'),
    readKeys(all),
    // The worker also stores files that links lead to, and texts that were read.
    objects(all, 'GetObject', 'PutObject', 'DeleteObject'),
    // Without this, S3 answers a read of an absent object as a read that is not allowed.
    allow('s3', ['ListBucket'], [all.bucket.bucketArn]),
    ...onVectors(all, 'QueryVectors', 'GetVectors', 'PutVectors', 'DeleteVectors'),
  ],
  dispatcher: (all) => [
    neverWrite(all, [...keyPartitions, ...settingPartitions]),
    allow(
      'dynamodb',
      ['GetItem', 'BatchGetItem', 'Query', ...conditionalWriteActions],
      [all.table.tableArn],
    ),
    // A recovery lists notifications by time.
    allow('dynamodb', ['Query'], [indexOf(all.table, listIndex)]),
    sendTo(all, 'notifications'),
    kmsAccess(all, 'Decrypt'),
  ],
  sweeper: (all) => [
    neverWrite(all, keyPartitions),
    allow('dynamodb', ['Query'], [indexOf(all.table, dueIndex)]),
    // After a change of the embedder or the index layout the sweeper writes a reindex job for each project.
    allow('dynamodb', ['BatchGetItem', 'Query', 'PutItem'], [all.table.tableArn]),
    sendTo(all, 'turns', 'upkeep', 'notifications'),
  ],
};
