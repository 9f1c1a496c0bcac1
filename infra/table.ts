import { RemovalPolicy } from 'aws-cdk-lib';
import {
  type Attribute,
  AttributeType,
  BillingMode,
  ProjectionType,
  Table,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import type { Settings } from './settings.ts';
import { suppressFindings } from './suppress-findings.ts';

const text = (name: string): Attribute => ({ name, type: AttributeType.STRING });
const number = (name: string): Attribute => ({ name, type: AttributeType.NUMBER });

export const listIndex = 'GSI1';
export const dueIndex = 'DUE';

const recoveryOf = (days: number) =>
  days === 0
    ? { pointInTimeRecoveryEnabled: false }
    : { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: days };

/** Creates the table: a single-table design with two indexes. A test compares these keys with the keys that the store uses. */
export const createTable = (scope: Construct, { keepData, recoveryDays }: Settings): Table => {
  const table = new Table(scope, 'Table', {
    partitionKey: text('pk'),
    sortKey: text('sk'),
    billingMode: BillingMode.PAY_PER_REQUEST,
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
  });
  table.addGlobalSecondaryIndex({
    indexName: dueIndex,
    partitionKey: text('due'),
    sortKey: number('dueAt'),
    projectionType: ProjectionType.KEYS_ONLY,
  });
  return table;
};
