import { RemovalPolicy } from 'aws-cdk-lib';
import {
  type Attribute,
  AttributeType,
  BillingMode,
  type ITable,
  ProjectionType,
  Table,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import type { Settings } from './settings.ts';
import { suppressFindings } from './suppress-findings.ts';

/** A table of the stack, or one that the operator names. */
export type StackTable = Pick<ITable, 'tableArn' | 'tableName'>;

const text = (name: string): Attribute => ({ name, type: AttributeType.STRING });
const number = (name: string): Attribute => ({ name, type: AttributeType.NUMBER });

export const listIndex = 'GSI1';
export const dueIndex = 'DUE';

const recoveryOf = (days: number) =>
  days === 0
    ? { pointInTimeRecoveryEnabled: false }
    : { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: days };

/**
 * Returns the table that the operator names, or creates one. A named table, such as a restored one, stays as it is: the stack neither
 * changes nor deletes it.
 */
export const tableOf = (scope: Construct, settings: Settings): StackTable =>
  settings.tableName === undefined
    ? createTable(scope, settings)
    : Table.fromTableName(scope, 'Table', settings.tableName);

/** Creates the table: a single-table design with two indexes. A test compares these keys with the keys that the store uses. */
const createTable = (scope: Construct, { keepData, recoveryDays, warmWrites }: Settings): Table => {
  const warm = warmWrites === 0 ? {} : { warmThroughput: { writeUnitsPerSecond: warmWrites } };
  const table = new Table(scope, 'Table', {
    partitionKey: text('pk'),
    sortKey: text('sk'),
    billingMode: BillingMode.PAY_PER_REQUEST,
    ...warm,
    timeToLiveAttribute: 'expiresAt',
    pointInTimeRecoverySpecification: recoveryOf(recoveryDays),
    // CloudFormation cannot delete a protected table, so the table is kept even if its first deployment fails.
    deletionProtection: keepData,
    removalPolicy: keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  if (recoveryDays === 0)
    suppressFindings(table, {
      'AwsSolutions::AwsSolutions-DDB3':
        'The operator chose that nothing is kept of what is deleted.',
    });
  table.addGlobalSecondaryIndex({
    indexName: listIndex,
    partitionKey: text('gsi1pk'),
    sortKey: text('gsi1sk'),
    projectionType: ProjectionType.ALL,
    ...warm,
  });
  table.addGlobalSecondaryIndex({
    indexName: dueIndex,
    partitionKey: text('due'),
    sortKey: number('dueAt'),
    projectionType: ProjectionType.KEYS_ONLY,
    ...warm,
  });
  return table;
};
