import { App, Stack } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { addChecks } from '../../infra/checks.ts';
import { metricNamespace, metricTable } from '../../shared/platform/config/config-metrics.ts';
import { readSource } from '../support/repository.ts';
import { settledContext, synthesizeStubbed } from '../support/stubbed-stack.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const Reported = z.object({ id: z.string(), reason: z.string() });
const Template = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).default({}),
      DependsOn: z.array(z.string()).optional(),
      Metadata: z
        .object({ cdk_nag: z.object({ rules_to_suppress: z.array(Reported) }).optional() })
        .optional(),
    }),
  ),
});

const Metric = z.object({ Namespace: z.string(), MetricName: z.string() });
const AlarmProperties = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string(),
  AlarmActions: z.array(z.unknown()).length(1),
  OKActions: z.array(z.unknown()).length(1),
  TreatMissingData: z.string(),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Metrics: z.array(z.object({ MetricStat: z.object({ Metric }).optional() })).default([]),
});

let template: z.output<typeof Template>;
beforeAll(async () => {
  template = Template.parse((await synthesizeStubbed(settledContext)).template);
});

const all = (type: string) => Object.values(template.Resources).filter((one) => one.Type === type);
const alarms = () =>
  all('AWS::CloudWatch::Alarm').map(({ Properties }) => AlarmProperties.parse(Properties));
const nameOf = ({ AlarmName }: { AlarmName: string }) =>
  AlarmName.replace('turnstone-night-1-', '');

const page = readSource('infra/README.md');

describe('the alarms', () => {
  it('there are these alarms', () => {
    expect(alarms().map(nameOf).sort()).toEqual([
      'api-errors',
      'api-faults',
      'dispatcher-errors',
      'dispatcher-faults',
      'files-dlq',
      'http-5xx',
      'http-slow',
      'notifications-dlq',
      'oldest-due',
      'spend',
      'sweeper-errors',
      'sweeper-faults',
      'sweeper-missing',
      'throttles',
      'turns-dlq',
      'turns-failed',
      'upkeep-dlq',
      'worker-errors',
      'worker-faults',
    ]);
  });

  it('alarms treat missing data as fine, except for the sweeper', () => {
    const breaching = alarms().filter((alarm) => alarm.TreatMissingData === 'breaching');

    expect(breaching.map(nameOf)).toEqual(['sweeper-missing']);
  });

  it('alarms watch only custom metrics that the functions write', () => {
    const written = Object.values(metricTable).flatMap((metrics) =>
      metrics.map(({ name }): string => name),
    );

    const watched = alarms()
      .flatMap(({ Namespace, MetricName, Metrics }) => [
        { Namespace, MetricName },
        ...Metrics.map(({ MetricStat }) => MetricStat?.Metric),
      ])
      .filter((metric) => metric?.Namespace === metricNamespace)
      .map((metric) => metric?.MetricName);

    expect(watched.length).toBeGreaterThan(3);
    expect(watched.filter((name) => !written.includes(name ?? ''))).toEqual([]);
  });

  it('a sum counts metrics without data as 0', () => {
    const sums = all('AWS::CloudWatch::Alarm').flatMap(({ Properties }) =>
      [...JSON.stringify(Properties).matchAll(/"Expression":"([^"]*)"/g)].map(([, sum]) => sum),
    );

    expect(sums).toEqual(
      expect.arrayContaining([
        'FILL(api, 0) + FILL(worker, 0) + FILL(dispatcher, 0) + FILL(sweeper, 0)',
      ]),
    );
  });

  it('each alarm has a line in the runbook', () => {
    const missing = alarms()
      .map(nameOf)
      .filter((name) => !page.includes(`| \`${name}\` |`));

    expect(missing).toEqual([]);
  });

  it('alarms reach the given address, by a topic that CloudWatch may publish to', () => {
    const [policy] = all('AWS::SNS::TopicPolicy');

    expect(all('AWS::SNS::Subscription')).toMatchObject([
      { Properties: { Protocol: 'email', Endpoint: 'ops@example.com' } },
    ]);
    expect(JSON.stringify(policy)).toContain('cloudwatch.amazonaws.com');
    expect(JSON.stringify(policy)).toContain('budgets.amazonaws.com');
  });
});

describe('the dashboard', () => {
  it('the dashboard is part of the stack', () => {
    expect(all('AWS::CloudWatch::Dashboard')).toMatchObject([
      {
        Properties: {
          DashboardName: { 'Fn::Join': ['', ['turnstone-night-1-', { Ref: 'AWS::Region' }]] },
        },
      },
    ]);
  });
});

describe('the budget', () => {
  it('the budget exists if it is set', async () => {
    const plain = Template.parse((await synthesizeStubbed()).template);

    expect(all('AWS::Budgets::Budget')).toMatchObject([
      { Properties: { Budget: { BudgetLimit: { Amount: 50, Unit: 'USD' } } } },
    ]);
    expect(
      Object.values(plain.Resources).filter(({ Type }) => Type === 'AWS::Budgets::Budget'),
    ).toEqual([]);
  });
});

describe('a deployment', () => {
  it.each([
    [{ DEPLOY_ALARM_MAIL: 'a@b.c' }, 'Unknown setting DEPLOY_ALARM_MAIL'],
    [{ TURNSTONE_MODLE: 'x' }, 'Unknown setting TURNSTONE_MODLE'],
    [{ DEPLOY_WORKERS: '3' }, 'DEPLOY_WORKERS must be a whole number, 4 to 1000, not "3".'],
    [{ DEPLOY_LOG_DAYS: '8' }, 'DEPLOY_LOG_DAYS must be one of 1, 3'],
    [{ DEPLOY_ALARM_EMAIL: 'ops' }, 'DEPLOY_ALARM_EMAIL must be an e-mail address'],
    [{ TURNSTONE_STAGE: 'a b' }, 'TURNSTONE_STAGE must be 1 to 32 letters'],
  ])('a deployment with %j is rejected in one sentence', async (context, sentence) => {
    await expect(synthesizeStubbed(context)).rejects.toThrow(sentence);
  });
});

describe('a target inside the function itself', () => {
  it.each(['127.0.0.1:9001', '127.8.0.1:443', '[::1]:9001', '169.254.169.254:80', '0.0.0.0:9001'])(
    'webhooks may not be sent to %s',
    async (pair) => {
      const given = { TURNSTONE_WEBHOOK_ALLOW: `10.1.2.3:443,${pair}` };

      await expect(synthesizeStubbed(given)).rejects.toThrow('TURNSTONE_WEBHOOK_ALLOW=');
    },
  );

  it.each([
    'http://localhost:11434/v1',
    'http://127.0.0.1:11434/v1',
    'http://[::1]:11434/v1',
    'http://169.254.169.254/v1',
    'https://model.localhost/v1',
    'http://2130706433/v1',
  ])('the model may not be at %s', async (url) => {
    const sentence = `OPENAI_BASE_URL=${url} works with npm start only`;

    await expect(synthesizeStubbed({ OPENAI_BASE_URL: url })).rejects.toThrow(sentence);
  });
});

describe('a rollout', () => {
  const groupsOf = (resources: z.output<typeof Template>['Resources']) =>
    Object.values(resources).filter(({ Type }) => Type === 'AWS::CodeDeploy::DeploymentGroup');
  const alarmsOf = (group: { Properties: object }): string[] =>
    [...JSON.stringify(group.Properties).matchAll(/"Alarm([a-z]+)(errors|faults)[0-9A-F]+"/g)].map(
      ([, name, kind]) => `${name}-${kind}`,
    );

  it('an alarm of errors and one of logged faults roll back each function, and no others', () => {
    const watched = groupsOf(template.Resources).map(alarmsOf);

    expect(watched.flat()).toHaveLength(8);
    expect(watched).toEqual(
      expect.arrayContaining(
        ['api', 'worker', 'dispatcher', 'sweeper'].map((name) =>
          expect.arrayContaining([`${name}-errors`, `${name}-faults`]),
        ),
      ),
    );
  });

  it('a fault is a bug or a missing permission in the log of the function itself', () => {
    const filters = all('AWS::Logs::MetricFilter').map(({ Properties }) => Properties);

    expect(filters).toHaveLength(4);
    for (const { FilterPattern, MetricTransformations } of filters) {
      expect(FilterPattern).toContain('$.code = "store_misconfigured"');
      expect(FilterPattern).toMatch(/\$\.event = "(request|hint)\.(failed|send_failed)"/);
      expect(MetricTransformations).toMatchObject([{ MetricNamespace: 'Turnstone/night_1' }]);
    }
  });

  it('the sweeper changes at once, after the versions of all others', () => {
    const sweeper = groupsOf(template.Resources).find((group) =>
      alarmsOf(group).includes('sweeper-faults'),
    );
    const aliases = Object.entries(template.Resources).filter(
      ([, { Type }]) => Type === 'AWS::Lambda::Alias',
    );
    const [, alias] = aliases.find(([id]) => id.startsWith('Sweeper')) ?? [];
    const others = aliases.map(([id]) => id).filter((id) => !id.startsWith('Sweeper'));

    expect(sweeper?.Properties).toMatchObject({
      DeploymentConfigName: 'CodeDeployDefault.LambdaAllAtOnce',
    });
    expect(others).toHaveLength(3);
    expect(alias?.DependsOn).toEqual(expect.arrayContaining(others));
  });

  it('the table and its indexes take as many writes at once as set', async () => {
    const { template: warm } = await synthesizeStubbed({ DEPLOY_WARM_WRITES: '20000' });
    const warmThroughput = { WriteUnitsPerSecond: 20_000 };
    const [table] = Object.values(Template.parse(warm).Resources).filter(
      ({ Type }) => Type === 'AWS::DynamoDB::Table',
    );

    expect(table?.Properties).toMatchObject({
      WarmThroughput: warmThroughput,
      GlobalSecondaryIndexes: [
        { WarmThroughput: warmThroughput },
        { WarmThroughput: warmThroughput },
      ],
    });
    expect(all('AWS::DynamoDB::Table')[0]?.Properties['WarmThroughput']).toBeUndefined();
    await expect(synthesizeStubbed({ DEPLOY_WARM_WRITES: '100' })).rejects.toThrow(
      'DEPLOY_WARM_WRITES must be write units per second, 0, or 4000 to 1000000',
    );
  });

  it('without a canary new versions get all calls at once, whatever the alarms say', async () => {
    const { template: stack } = await synthesizeStubbed({ DEPLOY_CANARY: 'false' });
    const groups = groupsOf(Template.parse(stack).Resources);

    expect(groups).toHaveLength(4);
    for (const group of groups) {
      expect(group.Properties).toMatchObject({
        DeploymentConfigName: 'CodeDeployDefault.LambdaAllAtOnce',
        AutoRollbackConfiguration: { Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_REQUEST'] },
      });
      expect(alarmsOf(group)).toEqual([]);
    }
  });
});

describe('the checks', () => {
  it('the checks reject a stack that violates good practice', () => {
    const folder = temporaryFolder();
    const app = new App({ outdir: folder.path });
    new Queue(new Stack(app, 'careless'), 'Queue');
    addChecks(app);

    expect(() => app.synth()).toThrow('The SQS queue does not require requests to use SSL.');
    folder.remove();
  });

  it('the template has a reason for each suppressed finding', () => {
    const accepted = Object.values(template.Resources).flatMap(
      ({ Metadata }) => Metadata?.cdk_nag?.rules_to_suppress ?? [],
    );

    expect(accepted.length).toBeGreaterThan(8);
    for (const { id, reason } of accepted) expect(reason, id).toMatch(/^[A-Z].{25,}\.$/);
  });
});
