import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { metricNamespace, type metricTable } from '../shared/platform/config/config-metrics.ts';

export type MetricName = (typeof metricTable)[keyof typeof metricTable][number]['name'];

/** Returns a metric that the functions publish in their logs (embedded metric format). */
export const customMetric = (
  stage: string,
  name: MetricName,
  statistic: string,
  period = Duration.minutes(1),
): Metric =>
  new Metric({
    namespace: metricNamespace,
    metricName: name,
    dimensionsMap: { stage },
    statistic,
    period,
  });
