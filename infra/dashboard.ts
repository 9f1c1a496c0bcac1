import { Duration } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { functionNames } from './bundle.ts';
import type { Functions } from './functions.ts';
import { customMetric, type MetricName } from './metrics.ts';
import type { Queues } from './queues.ts';
import type { Settings } from './settings.ts';

interface DashboardSources {
  settings: Settings;
  queues: Queues;
  functions: Functions;
  http: HttpApi;
}

const graph = (title: string, left: IMetric[]): GraphWidget =>
  new GraphWidget({ title, left, width: 8, height: 6 });

const hintsOf = ({ queues }: DashboardSources): IMetric[] =>
  (['turns', 'notifications'] as const).flatMap((name) => [
    queues[name].queue.metricApproximateNumberOfMessagesVisible({ label: name }),
    queues[name].dead.metricApproximateNumberOfMessagesVisible({ label: `${name}, dead` }),
  ]);

/** One page that tells how the service is: alarms first, then turns on their way through. */
export const createDashboard = (
  scope: Construct,
  shown: DashboardSources,
  { alarms, name }: { alarms: Alarm[]; name: string },
): void => {
  const { stage } = shown.settings;
  const five = Duration.minutes(5);
  const own = (statistic: string, ...names: MetricName[]): IMetric[] =>
    names.map((one) => customMetric(stage, one, statistic, five));
  const requests = [shown.http.metricCount(), shown.http.metricServerError()];
  const latency = ['p50', 'p99'].map((statistic) =>
    shown.http.metricLatency({ statistic, label: statistic }),
  );
  const running = functionNames.map((one) =>
    shown.functions[one].code.metric('ConcurrentExecutions', { statistic: 'Maximum', label: one }),
  );
  new Dashboard(scope, 'Dashboard', {
    dashboardName: name,
    widgets: [
      [new AlarmStatusWidget({ title: 'Alarms', alarms, width: 24, height: 4 })],
      [
        graph('Requests', requests),
        graph('Latency of requests (ms)', latency),
        graph('Functions running', running),
      ],
      [
        graph('Turns', own('Sum', 'TurnsAccepted', 'TurnsRefined', 'TurnsFailed')),
        graph(
          'From add to memory (ms, p50)',
          own('p50', 'EndToEnd', 'QueueLatency', 'ModelLatency'),
        ),
        graph(
          'From add to memory (ms, p99)',
          own('p99', 'EndToEnd', 'QueueLatency', 'ModelLatency'),
        ),
      ],
      [
        graph(
          'Changes',
          own('Sum', 'MemoriesAdded', 'MemoriesUpdated', 'MemoriesDeleted', 'NoopChanges'),
        ),
        graph('Tokens of the model', own('Sum', 'PromptTokens', 'CompletionTokens')),
        graph('Oldest due (ms)', own('Maximum', 'OldestDue')),
      ],
      [
        graph('Faults', own('Sum', 'ModelFailures', 'IndexFailures', 'StoreFailures', 'Conflicts')),
        graph('Hints', own('Sum', 'HintsSendFailed', 'HintsFailed', 'SweptHints')),
        graph('Hints waiting', hintsOf(shown)),
      ],
    ],
  });
};
