import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { functionNames } from '../../infra/bundle.ts';
import { readConfig, settingName } from '../../shared/platform/config/config.ts';
import { functionSettings } from '../../shared/platform/config/config-functions.ts';
import { arnOf, type OpenTemplate, openTemplate } from '../support/aws-artefacts/template.ts';
import { settledContext, synthesizeStubbed } from '../support/stubbed-stack.ts';

let template: OpenTemplate;
beforeAll(async () => {
  template = openTemplate((await synthesizeStubbed(settledContext)).template);
  for (const id of template.ids('AWS::SQS::Queue'))
    template.make(id, {
      ref: `https://sqs.example.com/${id}`,
      attributes: { Arn: arnOf('sqs', id) },
    });
});

const FunctionProperties = z.object({
  Environment: z.object({ Variables: z.record(z.string(), z.string()) }),
});

const environmentOf = (name: string) =>
  template
    .all('AWS::Lambda::Function', FunctionProperties)
    .find(({ id }) => id.toLowerCase().startsWith(name))?.properties.Environment.Variables ?? {};

describe('the environment of a function', () => {
  it.each(functionNames)(
    'the environment of the %s holds the settings that it reads and no others',
    (name) => {
      const names = functionSettings[name].map(settingName);

      expect(Object.keys(environmentOf(name)).sort()).toEqual([...names].sort());
    },
  );

  it.each(functionNames)('the environment of the %s can be parsed by it', (name) => {
    const config = readConfig(environmentOf(name));

    expect(config).toMatchObject({ stage: 'night_1', table: expect.stringContaining('Table') });
    expect(config.turnsQueueUrl).toMatch(/^https:.*Turns/);
    expect(config.notificationsQueueUrl).toMatch(/^https:.*Notifications/);
  });

  it('the environment of a function holds the settings of the deployment', () => {
    expect(environmentOf('worker')).toMatchObject({
      TURNSTONE_MODEL: 'gpt-5-nano',
      TURNSTONE_PINECONE_HOST: 'https://index.example.com',
    });
    expect(environmentOf('dispatcher')).toMatchObject({ TURNSTONE_WEBHOOK_TIMEOUT_MS: '9000' });
  });

  it('the environment of a function holds no API key', () => {
    const names = functionNames.flatMap((name) => Object.keys(environmentOf(name)));

    expect(names.filter((name) => name.endsWith('API_KEY'))).toEqual([]);
  });
});

const words = z.union([z.string().transform((word) => [word]), z.array(z.string())]);

const Policy = z.object({
  PolicyDocument: z.object({
    Statement: z.array(
      z.object({
        Effect: z.enum(['Allow', 'Deny']),
        Action: words,
        Resource: words,
        Condition: z.record(z.string(), z.record(z.string(), words)).optional(),
      }),
    ),
  }),
});

/** Returns the resource of an ARN: `arn:aws:sqs:region:account:TurnsF7D960B6` is Turns. */
const shortened = (arn: string): string =>
  arn.replace(/^arn:aws:\w+:[^:]*:\d+:/, '').replace(/(?<=\w)[0-9A-F]{8}(?=$|\/)/, '');

const statementsOf = (role: string) =>
  template
    .all('AWS::IAM::Policy', Policy)
    .filter(({ id }) => id.startsWith(role))
    .flatMap(({ properties }) => properties.PolicyDocument.Statement);

/** Returns a line per action with its resources. */
const grantsOf = (role: string): string[] =>
  statementsOf(role)
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Action, Resource, Condition }) =>
      Action.flatMap((action) =>
        Resource.map(
          (one) =>
            `${action} ${shortened(one)}${Condition ? ' if with the encryption context' : ''}`,
        ),
      ),
    )
    .sort();

const everyFunction = (logs: string): string[] => [
  `logs:CreateLogStream ${logs}`,
  `logs:PutLogEvents ${logs}`,
  'xray:PutTelemetryRecords *',
  'xray:PutTraceSegments *',
];

const writing = [
  'dynamodb:DeleteItem Table',
  'dynamodb:PutItem Table',
  'dynamodb:UpdateItem Table',
];

const writingFenced = ['dynamodb:ConditionCheckItem Table', ...writing];

describe('the role of a function', () => {
  it('the role of the api reads and writes items, sends hints, and uses both secrets', () => {
    expect(grantsOf('ApiRole')).toEqual(
      [
        ...everyFunction('ApiLogs'),
        ...writingFenced,
        'dynamodb:BatchGetItem Table',
        'dynamodb:GetItem Table',
        'dynamodb:Query Table',
        'dynamodb:Query Table/index/GSI1',
        'kms:Decrypt WebhookKey if with the encryption context',
        'kms:Encrypt WebhookKey if with the encryption context',
        's3:PutObject Attachments/*',
        'secretsmanager:GetSecretValue ModelKeys',
        'sqs:SendMessage Notifications',
        'sqs:SendMessage Turns',
        'sqs:SendMessage Upkeep',
      ].sort(),
    );
  });

  it('the role of the worker reads and writes items, receives and sends hints, and reads the model keys', () => {
    expect(grantsOf('WorkerRole')).toEqual(
      [
        ...everyFunction('WorkerLogs'),
        ...writingFenced,
        'dynamodb:BatchGetItem Table',
        'dynamodb:GetItem Table',
        'dynamodb:Query Table',
        's3:DeleteObject Attachments/*',
        's3:GetObject Attachments/*',
        's3:ListBucket Attachments',
        's3:PutObject Attachments/*',
        'secretsmanager:GetSecretValue ModelKeys',
        'sqs:DeleteMessage Files',
        'sqs:DeleteMessage Turns',
        'sqs:DeleteMessage Upkeep',
        'sqs:GetQueueAttributes Files',
        'sqs:GetQueueAttributes Turns',
        'sqs:GetQueueAttributes Upkeep',
        'sqs:ReceiveMessage Files',
        'sqs:ReceiveMessage Turns',
        'sqs:ReceiveMessage Upkeep',
        'sqs:SendMessage Files',
        'sqs:SendMessage Notifications',
        'sqs:SendMessage Turns',
        'sqs:SendMessage Upkeep',
      ].sort(),
    );
  });

  it('the role of the dispatcher cannot read keys of a model or an index', () => {
    expect(grantsOf('DispatcherRole')).toEqual(
      [
        ...everyFunction('DispatcherLogs'),
        ...writingFenced,
        'dynamodb:BatchGetItem Table',
        'dynamodb:GetItem Table',
        'dynamodb:Query Table',
        'dynamodb:Query Table/index/GSI1',
        'kms:Decrypt WebhookKey if with the encryption context',
        'sqs:DeleteMessage Notifications',
        'sqs:GetQueueAttributes Notifications',
        'sqs:ReceiveMessage Notifications',
        'sqs:SendMessage Notifications',
      ].sort(),
    );
  });

  it('the role of the sweeper finds due work, sends hints, and starts jobs', () => {
    expect(grantsOf('SweeperRole')).toEqual(
      [
        ...everyFunction('SweeperLogs'),
        'dynamodb:BatchGetItem Table',
        'dynamodb:PutItem Table',
        'dynamodb:Query Table',
        'dynamodb:Query Table/index/DUE',
        'sqs:SendMessage Notifications',
        'sqs:SendMessage Turns',
        'sqs:SendMessage Upkeep',
      ].sort(),
    );
  });

  it.each([
    ['WorkerRole', ['K#*', 'PROJECTS', 'SETTINGS']],
    ['DispatcherRole', ['K#*', 'PROJECTS', 'SETTINGS']],
    ['SweeperRole', ['K#*', 'PROJECTS']],
  ])('the %s cannot write the partitions %j', (role, partitions) => {
    const denied = statementsOf(role).filter(({ Effect }) => Effect === 'Deny');

    expect(denied).toEqual([
      {
        Effect: 'Deny',
        Action: ['dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
        Resource: [expect.stringContaining('Table')],
        Condition: { 'ForAnyValue:StringLike': { 'dynamodb:LeadingKeys': partitions } },
      },
    ]);
  });

  it('the role of the schedule invokes the sweeper', () => {
    expect(grantsOf('SchedulerRole')).toEqual([
      expect.stringMatching(/^lambda:InvokeFunction SweeperFunctionAlias/),
    ]);
  });

  it('there are no roles besides these', () => {
    expect(template.ids('AWS::IAM::Policy')).toHaveLength(5);
    expect(template.ids('AWS::IAM::Role')).toHaveLength(6);
  });
});
