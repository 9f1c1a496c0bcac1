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
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
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
  /** Minutes (periods of the metric) that are looked at, and how many of them must be bad; 1 of 1 unless told. */
  of?: readonly [bad: number, periods: number];
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

const sumOf = (metrics: { [id: string]: IMetric }, period: Duration): MathExpression =>
  new MathExpression({
    expression: Object.keys(metrics).join(' + '),
    usingMetrics: metrics,
    period,
    label: 'sum',
  });

const deadLetters = ({ queues }: AlarmSources): AlarmDefinition[] =>
  (['turns', 'notifications'] as const).map((name) => ({
    name: `${name}-dlq`,
    description: `A hint of the ${name} queue was delivered five times in vain: a bug.`,
    metric: queues[name].dead.metricApproximateNumberOfMessagesVisible({
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
    description: 'No sweep in three minutes: what a lost hint leaves behind is not found.',
    metric: customMetric(stage, 'Sweeps', 'Sum'),
    threshold: 1,
    of: [3, 3],
    comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
    missing: TreatMissingData.BREACHING,
  },
  {
    name: 'turns-failed',
    description: 'Turns have used up their tries and are FAILED.',
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
  description: `The language model was given and gave more than ${tokensPerHour} tokens in an hour.`,
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

const propsOf = (watch: AlarmDefinition): Omit<AlarmProps, 'alarmName'> => {
  const [datapointsToAlarm, evaluationPeriods] = watch.of ?? [1, 1];
  return {
    alarmDescription: watch.description,
    metric: watch.metric,
    threshold: watch.threshold,
    datapointsToAlarm,
    evaluationPeriods,
    comparisonOperator: watch.comparison ?? ComparisonOperator.GREATER_THAN_THRESHOLD,
    treatMissingData: watch.missing ?? TreatMissingData.NOT_BREACHING,
  };
};

/** All alarms, told to the topic when they go off and when they are over; those that take back a new version. */
export const createAlarms = (
  scope: Construct,
  watched: AlarmSources,
  { topic, prefix }: { topic: ITopic; prefix: string },
): { all: Alarm[]; rollback: { readonly [name in FunctionName]: Alarm[] } } => {
  const all: Alarm[] = [];
  const addAlarm = (watch: AlarmDefinition): Alarm => {
    const alarmName = `${prefix}-${watch.name}`;
    const alarm = new Alarm(scope, `Alarm-${watch.name}`, { alarmName, ...propsOf(watch) });
    alarm.addAlarmAction(new SnsAction(topic));
    alarm.addOkAction(new SnsAction(topic));
    all.push(alarm);
    return alarm;
  };
  for (const watch of [...deadLetters(watched), ...progress(watched)]) addAlarm(watch);
  const faults = requests(watched).map(addAlarm);
  for (const watch of [throttles(watched), spend(watched)]) addAlarm(watch);
  const of = (name: FunctionName): Alarm => addAlarm(errors(watched, name));
  const rollback = {
    api: [of('api'), ...faults.slice(0, 1)],
    worker: [of('worker')],
    dispatcher: [of('dispatcher')],
    sweeper: [of('sweeper')],
  };
  return { all, rollback };
};
