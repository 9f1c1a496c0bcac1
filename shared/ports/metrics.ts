/** Names of routes, codes and models; never ids, never texts. */
export type MetricLabels = { readonly [name: string]: string };

/** Unit by UCUM, as OpenTelemetry names it; absent for numbers of things. */
export type MetricUnit = 's' | 'By' | '{token}';

export interface MetricName {
  /** Dotted name, such as `turnstone.request.duration`. */
  name: string;
  unit?: MetricUnit;
  help: string;
}

export interface HistogramValue {
  sum: number;
  count: number;
  /** Number of observations up to each of the bounds. */
  counts: readonly number[];
}

interface Point<V> {
  labels: MetricLabels;
  value: V;
}

/** A metric with its values since the process started. */
export type MetricFamily = MetricName &
  (
    | { kind: 'counter' | 'gauge'; points: readonly Point<number>[] }
    | {
        kind: 'histogram';
        bounds: readonly number[];
        points: readonly Point<HistogramValue>[];
      }
  );

/** Export of metrics that is under way. */
export interface MetricsExport {
  /** Exports the last values, within two seconds. Never fails. */
  close(): Promise<void>;
}
