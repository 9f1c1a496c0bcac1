import { Duration, Stack } from 'aws-cdk-lib';
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
  (['turns', 'upkeep', 'files', 'notifications'] as const).flatMap((name) => [
    queues[name].queue.metricApproximateNumberOfMessagesVisible({ label: name }),
    queues[name].deadLetterQueue.metricApproximateNumberOfMessagesVisible({
      label: `${name}, dead`,
    }),
  ]);

/** Creates a dashboard: alarms first, then requests, turns, changes, failures and hints. */
export const createDashboard = (
  scope: Construct,
  sources: DashboardSources,
  { alarms, name }: { alarms: Alarm[]; name: string },
): void => {
  const { stage } = sources.settings;
  const period = Duration.minutes(5);
  const custom = (statistic: string, ...names: MetricName[]): IMetric[] =>
    names.map((one) => customMetric(stage, one, statistic, period));
  const requests = [sources.http.metricCount(), sources.http.metricServerError()];
  const latency = ['p50', 'p99'].map((statistic) =>
    sources.http.metricLatency({ statistic, label: statistic }),
  );
  const concurrency = functionNames.map((one) =>
    sources.functions[one].code.metric('ConcurrentExecutions', {
      statistic: 'Maximum',
      label: one,
    }),
  );
  new Dashboard(scope, 'Dashboard', {
    // Names of dashboards are those of the account, whatever the region.
    dashboardName: `${name}-${Stack.of(scope).region}`,
    widgets: [
      [new AlarmStatusWidget({ title: 'Alarms', alarms, width: 24, height: 4 })],
      [
        graph('Requests', requests),
        graph('Latency of requests (ms)', latency),
        graph('Functions running', concurrency),
      ],
      [
        graph('Turns', custom('Sum', 'TurnsAccepted', 'TurnsRefined', 'TurnsFailed')),
        graph(
          'From add to memory (ms, p50)',
          custom('p50', 'EndToEnd', 'QueueLatency', 'ModelLatency'),
        ),
        graph(
          'From add to memory (ms, p99)',
          custom('p99', 'EndToEnd', 'QueueLatency', 'ModelLatency'),
        ),
      ],
      [
        graph(
          'Changes',
          custom('Sum', 'MemoriesAdded', 'MemoriesUpdated', 'MemoriesDeleted', 'NoopChanges'),
        ),
        graph('Tokens of the model', custom('Sum', 'PromptTokens', 'CompletionTokens')),
        graph('Oldest due (ms)', custom('Maximum', 'OldestDue')),
      ],
      [
        graph(
          'Faults',
          custom('Sum', 'ModelFailures', 'IndexFailures', 'StoreFailures', 'Conflicts'),
        ),
        graph('Hints', custom('Sum', 'HintsSendFailed', 'HintsFailed', 'SweptHints')),
        graph('Hints waiting', hintsOf(sources)),
      ],
    ],
  });
};
