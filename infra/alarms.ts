import { Duration } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { FilterPattern, type JsonPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { metricNamespace } from '../shared/platform/config/config-metrics.ts';
import { type FunctionName, functionNames } from './bundle.ts';
import type { Functions } from './functions.ts';
import { customMetric } from './metrics.ts';
import type { Queues } from './queues.ts';
import type { Settings } from './settings.ts';

interface AlarmDefinition {
  name: string;
  description: string;
  metric: IMetric;
  threshold: number;
  /** The alarm goes off if `breaching` of the last `periods` periods of the metric breach the threshold; default [1, 1]. */
  of?: readonly [breaching: number, periods: number];
  comparison?: ComparisonOperator;
  missing?: TreatMissingData;
}

interface AlarmSources {
  settings: Settings;
  queues: Queues;
  functions: Functions;
  http: HttpApi;
}

const minute = Duration.minutes(1);

/** Sum of metrics of which some may have no data: without FILL, the sum would have none either. */
const sumOf = (metrics: { [id: string]: IMetric }, period: Duration): MathExpression =>
  new MathExpression({
    expression: Object.keys(metrics)
      .map((id) => `FILL(${id}, 0)`)
      .join(' + '),
    usingMetrics: metrics,
    period,
    label: 'sum',
  });

const deadLetters = ({ queues }: AlarmSources): AlarmDefinition[] =>
  (['turns', 'upkeep', 'files', 'notifications'] as const).map((name) => ({
    name: `${name}-dlq`,
    description: `A hint of the ${name} queue was delivered five times and failed each time: a bug.`,
    metric: queues[name].deadLetterQueue.metricApproximateNumberOfMessagesVisible({
      period: minute,
      statistic: 'Maximum',
    }),
    threshold: 0,
  }));

const progress = ({ settings: { stage } }: AlarmSources): AlarmDefinition[] => [
  {
    name: 'oldest-due',
    description: 'Something has been due for more than five minutes: work does not get done.',
    metric: customMetric(stage, 'OldestDue', 'Maximum'),
    threshold: 300_000,
    of: [2, 2],
  },
  {
    name: 'sweeper-missing',
    description: 'No sweep in three minutes: the work of lost hints is not found.',
    metric: customMetric(stage, 'Sweeps', 'Sum'),
    threshold: 1,
    of: [3, 3],
    comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
    missing: TreatMissingData.BREACHING,
  },
  {
    name: 'turns-failed',
    description: 'Turns have used up their attempts and are FAILED.',
    metric: customMetric(stage, 'TurnsFailed', 'Sum', Duration.minutes(5)),
    threshold: 0,
  },
];

const requests = ({ http, settings }: AlarmSources): AlarmDefinition[] => [
  {
    name: 'http-5xx',
    description: 'Requests were answered with a server error.',
    metric: http.metricServerError({ period: minute, statistic: 'Sum' }),
    threshold: 0,
    of: [2, 3],
  },
  {
    name: 'http-slow',
    description: `One request in a hundred took longer than ${settings.slowMs} ms.`,
    metric: http.metricLatency({ period: Duration.minutes(5), statistic: 'p99' }),
    threshold: settings.slowMs,
    of: [3, 3],
  },
];

const throttles = ({ functions }: AlarmSources): AlarmDefinition => ({
  name: 'throttles',
  description: 'Lambda refused to run a function: the account’s concurrency is used up.',
  metric: sumOf(
    Object.fromEntries(
      functionNames.map((name) => [
        name,
        functions[name].code.metricThrottles({ period: minute, statistic: 'Sum' }),
      ]),
    ),
    minute,
  ),
  threshold: 0,
  of: [3, 5],
});

const spend = ({ settings: { stage, tokensPerHour } }: AlarmSources): AlarmDefinition => ({
  name: 'spend',
  description: `The language model received and returned more than ${tokensPerHour} tokens in an hour.`,
  metric: sumOf(
    {
      prompt: customMetric(stage, 'PromptTokens', 'Sum', Duration.hours(1)),
      completion: customMetric(stage, 'CompletionTokens', 'Sum', Duration.hours(1)),
    },
    Duration.hours(1),
  ),
  threshold: tokensPerHour,
});

const errors = ({ functions }: AlarmSources, name: FunctionName): AlarmDefinition => ({
  name: `${name}-errors`,
  description: `The ${name} crashed, ran out of time or could not start.`,
  metric: functions[name].live.metricErrors({ period: minute, statistic: 'Sum' }),
  threshold: 0,
});

const logged = (event: string): JsonPattern => FilterPattern.stringValue('$.event', '=', event);

/** Log events of a bug or of a missing permission: a handler that catches its errors never fails as an invocation. */
const faultEvents: { readonly [name in FunctionName]: string } = {
  api: 'request.failed',
  worker: 'hint.failed',
  dispatcher: 'hint.failed',
  sweeper: 'hint.send_failed',
};

/**
 * Counts faults of ours in the log of a function. Failures of others, such as an index that cannot be reached, are not among
 * them, so that they roll back no deployment.
 */
const faults = (
  scope: Construct,
  { functions, settings: { stage } }: AlarmSources,
  name: FunctionName,
): AlarmDefinition => {
  const filter = new MetricFilter(scope, `Faults-${name}`, {
    logGroup: functions[name].logs,
    filterPattern: FilterPattern.any(
      logged(faultEvents[name]),
      FilterPattern.all(
        logged('store.failed'),
        FilterPattern.stringValue('$.code', '=', 'store_misconfigured'),
      ),
    ),
    metricNamespace: `${metricNamespace}/${stage}`,
    metricName: `Faults-${name}`,
  });
  return {
    name: `${name}-faults`,
    description: `The ${name} logged a bug, or may not use the table.`,
    metric: filter.metric({ period: minute, statistic: 'Sum' }),
    threshold: 0,
  };
};

const propsOf = (definition: AlarmDefinition): Omit<AlarmProps, 'alarmName'> => {
  const [datapointsToAlarm, evaluationPeriods] = definition.of ?? [1, 1];
  return {
    alarmDescription: definition.description,
    metric: definition.metric,
    threshold: definition.threshold,
    datapointsToAlarm,
    evaluationPeriods,
    comparisonOperator: definition.comparison ?? ComparisonOperator.GREATER_THAN_THRESHOLD,
    treatMissingData: definition.missing ?? TreatMissingData.NOT_BREACHING,
  };
};

/**
 * Creates all alarms. The topic gets a message when an alarm goes off and when its metric is back to normal.
 * @returns `rollback`: for each function the alarms that roll back a deployment
 */
export const createAlarms = (
  scope: Construct,
  sources: AlarmSources,
  { topic, prefix }: { topic: ITopic; prefix: string },
): { all: Alarm[]; rollback: { readonly [name in FunctionName]: Alarm[] } } => {
  const all: Alarm[] = [];
  const addAlarm = (definition: AlarmDefinition): Alarm => {
    const { name } = definition;
    const alarmName = `${prefix}-${name}`;
    const alarm = new Alarm(scope, `Alarm-${name}`, { alarmName, ...propsOf(definition) });
    alarm.addAlarmAction(new SnsAction(topic));
    alarm.addOkAction(new SnsAction(topic));
    all.push(alarm);
    return alarm;
  };
  const ofService = [deadLetters, progress, requests].flatMap((define) => define(sources));
  for (const definition of [...ofService, throttles(sources), spend(sources)]) addAlarm(definition);
  const ofFunction = (name: FunctionName): Alarm[] =>
    [errors(sources, name), faults(scope, sources, name)].map(addAlarm);
  const rollback = {
    api: ofFunction('api'),
    worker: ofFunction('worker'),
    dispatcher: ofFunction('dispatcher'),
    sweeper: ofFunction('sweeper'),
  };
  return { all, rollback };
};
