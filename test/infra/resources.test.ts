import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { attribute, tableDefinition } from '../../shared/adapters/dynamodb/table.ts';
import { type OpenTemplate, openTemplate } from '../support/aws-artefacts/template.ts';
import { synthesizeStubbed } from '../support/stubbed-stack.ts';

const Any = z.record(z.string(), z.unknown());

let template: OpenTemplate;
let source: z.output<typeof Source>;
beforeAll(async () => {
  const synthesized = await synthesizeStubbed();
  source = Source.parse(synthesized.template);
  template = openTemplate(synthesized.template);
});

const Source = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      DeletionPolicy: z.string().optional(),
      UpdatePolicy: Any.optional(),
    }),
  ),
});

const all = (type: string) => template.all(type, Any);
const only = (type: string) => {
  const found = all(type);
  expect(found).toHaveLength(1);
  return found[0]?.properties ?? {};
};
const policyOf = (type: string) =>
  Object.values(source.Resources).filter((one) => one.Type === type);

describe('the table', () => {
  it('the table has the keys and indexes that the store uses', () => {
    const { TableName: _, ...definition } = tableDefinition('any');

    expect(only('AWS::DynamoDB::Table')).toMatchObject(definition);
  });

  it('the table expires items, can be restored, and outlives the stack', () => {
    expect(only('AWS::DynamoDB::Table')).toMatchObject({
      TimeToLiveSpecification: { AttributeName: attribute.timeToLive, Enabled: true },
      PointInTimeRecoverySpecification: {
        PointInTimeRecoveryEnabled: true,
        RecoveryPeriodInDays: 35,
      },
      DeletionProtectionEnabled: true,
    });
    expect(policyOf('AWS::DynamoDB::Table')).toMatchObject([{ DeletionPolicy: 'Retain' }]);
    expect(policyOf('AWS::KMS::Key')).toMatchObject([{ DeletionPolicy: 'RetainExceptOnCreate' }]);
  });

  it.each([
    ['1', { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 1 }],
    ['0', { PointInTimeRecoveryEnabled: false }],
  ])('the table can be restored for as many days as set: %s', async (days, expected) => {
    const { template } = await synthesizeStubbed({ DEPLOY_RECOVERY_DAYS: days });

    const [table] = openTemplate(template).all('AWS::DynamoDB::Table', Any);

    expect(table?.properties['PointInTimeRecoverySpecification']).toEqual(expected);
  });

  it.each(['36', '-1', 'off'])(
    'the table is not deployed with %s days of recovery',
    async (days) => {
      await expect(synthesizeStubbed({ DEPLOY_RECOVERY_DAYS: days })).rejects.toThrow(
        `DEPLOY_RECOVERY_DAYS must be days, 0 to 35, not "${days}".`,
      );
    },
  );

  it('the table is deleted with a test stack', async () => {
    const thrownAway = await synthesizeStubbed({ DEPLOY_KEEP_DATA: 'false' });

    const { Resources } = Source.parse(thrownAway.template);

    const kept = Object.values(Resources).filter(({ DeletionPolicy = '' }) =>
      DeletionPolicy.startsWith('Retain'),
    );
    expect(kept).toEqual([]);
  });
});

describe('the bucket of attachments', () => {
  it('the bucket is private and encrypted, keeps no versions, and outlives the stack', () => {
    const bucket = only('AWS::S3::Bucket');

    expect(bucket).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
        ],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    expect(bucket).not.toHaveProperty('VersioningConfiguration');
    expect(policyOf('AWS::S3::Bucket')).toMatchObject([{ DeletionPolicy: 'RetainExceptOnCreate' }]);
  });

  it('the bucket rejects requests without TLS', () => {
    expect(only('AWS::S3::BucketPolicy')).toMatchObject({
      PolicyDocument: {
        Statement: expect.arrayContaining([
          expect.objectContaining({
            Effect: 'Deny',
            Action: 's3:*',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        ]),
      },
    });
  });
});

describe('the queues', () => {
  it('the queues move a hint to the dead-letter queue after five failures and retain it for two weeks', () => {
    const queues = all('AWS::SQS::Queue').map(({ properties }) => properties);

    const dead = queues.filter((queue) => !('RedrivePolicy' in queue));
    const live = queues.filter((queue) => 'RedrivePolicy' in queue);
    expect(live).toHaveLength(4);
    for (const queue of live)
      expect(queue).toMatchObject({ RedrivePolicy: { maxReceiveCount: 5 } });
    expect(dead).toHaveLength(4);
    for (const queue of dead) expect(queue).toMatchObject({ MessageRetentionPeriod: 1_209_600 });
  });

  it('the queues reject requests without TLS', () => {
    const statement = {
      Effect: 'Deny',
      Action: 'sqs:*',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    };

    const policies = all('AWS::SQS::QueuePolicy').map(({ properties }) => properties);

    expect(policies).toHaveLength(8);
    for (const policy of policies)
      expect(policy).toMatchObject({ PolicyDocument: { Statement: [statement] } });
  });

  it('the visibility timeout of a queue is six times the timeout of its function', () => {
    const timeoutOf = (name: RegExp): number[] =>
      all('AWS::Lambda::Function')
        .filter(({ id }) => name.test(id))
        .map(({ properties }) => Number(properties['Timeout']));
    const timeouts = [/^Worker/, /^Worker/, /^Worker/, /^Dispatcher/].flatMap(timeoutOf);

    const hidden = all('AWS::SQS::Queue').flatMap(({ properties }) =>
      'VisibilityTimeout' in properties ? [Number(properties['VisibilityTimeout'])] : [],
    );

    expect(hidden.sort()).toEqual(timeouts.map((seconds) => 6 * seconds).sort());
  });

  it('the queues invoke their functions with a concurrency limit and partial batch responses', () => {
    const mappings = all('AWS::Lambda::EventSourceMapping').map(({ properties }) => properties);

    expect(mappings).toMatchObject([
      {
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 2 },
      },
      {
        BatchSize: 100,
        MaximumBatchingWindowInSeconds: 2,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 2 },
      },
      {
        BatchSize: 1,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 2 },
      },
      {
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 2 },
      },
    ]);
  });
});

describe('the HTTP API', () => {
  it('the HTTP API sends all requests to the function', () => {
    expect(only('AWS::ApiGatewayV2::Route')).toMatchObject({ RouteKey: '$default' });
    expect(only('AWS::ApiGatewayV2::Integration')).toMatchObject({ PayloadFormatVersion: '2.0' });
  });

  it('the HTTP API logs each request as JSON and throttles', () => {
    const stage = only('AWS::ApiGatewayV2::Stage');

    const { Format } = z.object({ Format: z.string() }).parse(stage['AccessLogSettings']);

    expect(JSON.parse(Format)).toMatchObject({ requestId: '$context.requestId' });
    expect(stage['DefaultRouteSettings']).toEqual({
      ThrottlingBurstLimit: 1_000,
      ThrottlingRateLimit: 500,
    });
  });
});

describe('the functions', () => {
  it('the functions run on Node 24 and ARM, with tracing', () => {
    const functions = all('AWS::Lambda::Function').map(({ properties }) => properties);

    expect(functions).toHaveLength(4);
    for (const one of functions)
      expect(one).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        TracingConfig: { Mode: 'Active' },
      });
  });

  it('the functions are deployed as canaries, which alarms roll back', () => {
    const groups = all('AWS::CodeDeploy::DeploymentGroup').map(({ properties }) => properties);

    expect(groups).toHaveLength(4);
    const strategies = groups.map((group) => String(group['DeploymentConfigName']));
    expect(strategies.filter((name) => name.endsWith('Canary10Percent5Minutes'))).toHaveLength(3);
    for (const group of groups)
      expect(group).toMatchObject({
        AlarmConfiguration: { Enabled: true },
        AutoRollbackConfiguration: {
          Enabled: true,
          Events: expect.arrayContaining(['DEPLOYMENT_STOP_ON_ALARM']),
        },
      });
    for (const alias of policyOf('AWS::Lambda::Alias'))
      expect(alias.UpdatePolicy).toHaveProperty('CodeDeployLambdaAliasUpdate');
  });

  it('the functions are invoked through the alias `live`', () => {
    const { Target } = z
      .object({ Target: z.object({ Arn: z.string() }) })
      .parse(only('AWS::Scheduler::Schedule'));

    expect(template.ids('AWS::Lambda::Alias')).toHaveLength(4);
    expect(Target.Arn).toContain('Alias');
    expect(only('AWS::ApiGatewayV2::Integration')['IntegrationUri']).toContain('Alias');
    for (const { properties } of all('AWS::Lambda::EventSourceMapping'))
      expect(properties['FunctionName']).toContain(':live');
  });

  it('the functions retain their logs for a limited time', () => {
    for (const { properties } of all('AWS::Logs::LogGroup'))
      expect(properties).toMatchObject({ RetentionInDays: 30 });
    expect(all('AWS::Logs::LogGroup')).toHaveLength(5);
  });
});

describe('the sweeper', () => {
  it('the sweeper is invoked each minute, without retries', () => {
    expect(only('AWS::Scheduler::Schedule')).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
      Target: { RetryPolicy: { MaximumRetryAttempts: 0 } },
    });
    expect(only('AWS::Lambda::EventInvokeConfig')).toMatchObject({ MaximumRetryAttempts: 0 });
  });
});

describe('the secrets', () => {
  it('the secrets are empty at first', () => {
    const { SecretString } = z
      .object({ SecretString: z.string() })
      .parse(only('AWS::SecretsManager::Secret'));

    expect(JSON.parse(SecretString)).toEqual({ openai_api_key: '', pinecone_api_key: '' });
  });

  it('the KMS key of webhook secrets is rotated each year', () => {
    expect(only('AWS::KMS::Key')).toMatchObject({ EnableKeyRotation: true });
  });
});
