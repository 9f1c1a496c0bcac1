import { arnOf } from './template.ts';

/** A request to a service, by one of the functions' environments. */
export interface Call {
  service: string;
  operation: string;
  // biome-ignore lint/suspicious/noExplicitAny: what came over the wire is examined, not trusted
  input: any;
  /** Of a call of S3: bucket and key. */
  path?: string;
  /** Role whose credentials signed the call, such as `worker`. */
  principal: string;
  /** Execution environment, such as `worker.2`. */
  environment: string;
}

/** Access that a call requires, in terms of IAM. */
export interface Access {
  principal: string;
  action: string;
  resource: string;
  /** Values of the condition keys of the call. */
  context: { readonly [key: string]: readonly string[] };
}

type Need = Omit<Access, 'principal'>;

const tableArn = (name: string): string =>
  name.startsWith('arn:') ? name : arnOf('dynamodb', `table/${name}`);

type Attributes = { readonly [name: string]: { S?: string } };

/** Condition key by which a policy could limit access to the items of some partitions. */
const touching = (...leadingKeys: string[]) => ({
  context: { 'dynamodb:LeadingKeys': leadingKeys },
});

const keysOf = (items: readonly Attributes[], partition: string): string[] =>
  items.map((item) => item[partition]?.S ?? '');

const transactionActions = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
  Get: 'GetItem',
} as const;

// biome-ignore lint/suspicious/noExplicitAny: see Call
type Input = any;

/** Returns the partition key value of a query. */
const queriedKey = ({ KeyConditionExpression = '', ExpressionAttributeValues = {} }: Input) => {
  const [, value = ''] = /=\s*(:\w+)/.exec(KeyConditionExpression) ?? [];
  return ExpressionAttributeValues[value]?.S ?? '';
};

const inTransaction = (items: readonly Input[], partition: string): Need[] =>
  items.flatMap((item) =>
    Object.entries(transactionActions).flatMap(([kind, action]) => {
      const part = item[kind];
      if (!part) return [];
      const keys = keysOf([part.Key ?? part.Item], partition);
      const resource = tableArn(part.TableName);
      return [{ action: `dynamodb:${action}`, resource, ...touching(...keys) }];
    }),
  );

const dynamoDbNeeds = ({ operation, input }: Call, partition: string): Need[] => {
  if (operation === 'TransactWriteItems' || operation === 'TransactGetItems')
    return inTransaction(input.TransactItems, partition);
  const action = `dynamodb:${operation}`;
  if (operation === 'BatchGetItem')
    return Object.entries<Input>(input.RequestItems).map(([table, { Keys }]) => ({
      action,
      resource: tableArn(table),
      ...touching(...keysOf(Keys, partition)),
    }));
  const table = tableArn(input.TableName ?? '');
  const resource = input.IndexName ? `${table}/index/${input.IndexName}` : table;
  if (operation === 'Query' || operation === 'Scan')
    return [{ action, resource, ...touching(queriedKey(input)) }];
  return [{ action, resource, ...touching(...keysOf([input.Key ?? input.Item ?? {}], partition)) }];
};

const sqsNeeds = ({ operation, input }: Call): Need[] => {
  const queue = String(input.QueueUrl).split('/').at(-1) ?? '';
  const action = operation.replace(/Batch$/, '');
  return [{ action: `sqs:${action}`, resource: arnOf('sqs', queue), context: {} }];
};

const secretNeeds = ({ operation, input }: Call): Need[] => [
  { action: `secretsmanager:${operation}`, resource: String(input.SecretId), context: {} },
];

const keyNeeds = ({ operation, input }: Call): Need[] => {
  const key = String(input.KeyId);
  const resource = key.startsWith('arn:') ? key : arnOf('kms', `key/${key}`);
  const context = Object.entries(input.EncryptionContext ?? {}).map(
    ([name, value]) => [`kms:EncryptionContext:${name}`, [String(value)]] as const,
  );
  return [{ action: `kms:${operation}`, resource, context: Object.fromEntries(context) }];
};

const objectNeeds = ({ operation, path = '' }: Call): Need[] => [
  { action: `s3:${operation}`, resource: `arn:aws:s3:::${path}`, context: {} },
];

/** Filters and returned metadata take the right to get vectors as well. */
const vectorNeeds = ({ operation, input }: Call): Need[] => {
  const resource = arnOf('s3vectors', `bucket/${input.vectorBucketName}/index/${input.indexName}`);
  const operations =
    input.filter !== undefined || input.returnMetadata === true
      ? new Set([operation, 'GetVectors'])
      : [operation];
  return [...operations].map((one) => ({ action: `s3vectors:${one}`, resource, context: {} }));
};

/**
 * Returns the accesses that a call requires, by the service authorization reference of AWS.
 *
 * @param partition name of the table's partition key
 */
export const accessesOf = (call: Call, partition: string): Access[] => {
  const needs = {
    dynamodb: () => dynamoDbNeeds(call, partition),
    sqs: () => sqsNeeds(call),
    s3: () => objectNeeds(call),
    s3vectors: () => vectorNeeds(call),
    secretsmanager: () => secretNeeds(call),
    kms: () => keyNeeds(call),
  }[call.service];
  if (!needs) throw new Error(`${call.service} is not known here`);
  return needs().map((need) => ({ principal: call.principal, ...need }));
};
