import type {
  HistogramValue,
  MetricFamily,
  MetricLabels,
  MetricName,
} from '../../shared/ports/metrics.ts';

/** Upper bounds in seconds. */
export const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
export const durationBuckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 3_600];

/** Most sets of labels of one meter: further ones are counted under none. */
const maxSeries = 2_000;

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');

/** Name in the text format of Prometheus, which has no dots. */
const plain = (name: string): string => name.replaceAll('.', '_');

/** Labels in the text format, sorted by name, also as the key of their values. */
const labelText = (labels: MetricLabels): string =>
  Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${plain(name)}="${escaped(value)}"`)
    .join(',');

const sample = (name: string, key: string, value: number): string =>
  `${name}${key === '' ? '' : `{${key}}`} ${value}`;

/** Values by set of labels. */
const createSeries = <V>(initial: () => V) => {
  const series = new Map<string, { labels: MetricLabels; value: V }>();
  return {
    change(given: MetricLabels, changed: (before: V) => V): void {
      const key = labelText(given);
      const isKept = series.has(key) || series.size < maxSeries;
      const labels = isKept ? given : {};
      const before = series.get(isKept ? key : '')?.value ?? initial();
      series.set(isKept ? key : '', { labels, value: changed(before) });
    },
    points: () => [...series.values()],
  };
};

const suffixes = { s: '_seconds', By: '_bytes', '{token}': '' };

/** Name in the text format, by the rules with which collectors translate names of OpenTelemetry. */
const textName = ({ name, unit, kind }: MetricFamily): string =>
  `${plain(name)}${unit ? suffixes[unit] : ''}${kind === 'counter' ? '_total' : ''}`;

const samplesOfHistogram = (
  name: string,
  bounds: readonly number[],
  key: string,
  { sum, count, counts }: HistogramValue,
): string[] => {
  const labelled = (bound: string) => `${key === '' ? '' : `${key},`}le="${bound}"`;
  return [
    ...bounds.map((bound, at) =>
      sample(`${name}_bucket`, labelled(String(bound)), counts[at] ?? 0),
    ),
    sample(`${name}_bucket`, labelled('+Inf'), count),
    sample(`${name}_sum`, key, sum),
    sample(`${name}_count`, key, count),
  ];
};

const samplesOf = (name: string, family: MetricFamily): string[] => {
  if (family.kind !== 'histogram')
    return family.points.map(({ labels, value }) => sample(name, labelText(labels), value));
  return family.points.flatMap(({ labels, value }) =>
    samplesOfHistogram(name, family.bounds, labelText(labels), value),
  );
};

/** Returns metrics in the text format of Prometheus, version 0.0.4. */
export const prometheusText = (families: readonly MetricFamily[]): string =>
  families
    .flatMap((family) => {
      const name = textName(family);
      return [
        `# HELP ${name} ${family.help}`,
        `# TYPE ${name} ${family.kind}`,
        ...samplesOf(name, family),
        '',
      ];
    })
    .join('\n');

/** Creates an empty registry of metrics. A name that is asked for again is the same metric. */
export const createRegistry = () => {
  const readers = new Map<string, () => MetricFamily>();
  const handles = new Map<string, unknown>();
  const once = <H>(name: string, make: () => H): H => {
    const known = handles.get(name) ?? make();
    handles.set(name, known);
    return known as H;
  };

  const simple = (kind: 'counter' | 'gauge') => (about: MetricName) =>
    once(about.name, () => {
      const series = createSeries(() => 0);
      readers.set(about.name, () => ({ ...about, kind, points: series.points() }));
      return {
        add: (value: number, labels: MetricLabels = {}): void =>
          series.change(labels, (before) => before + value),
        set: (value: number, labels: MetricLabels = {}): void => series.change(labels, () => value),
      };
    });

  return {
    counter: simple('counter'),
    gauge: simple('gauge'),
    histogram: (about: MetricName, bounds: readonly number[]) =>
      once(about.name, () => {
        const series = createSeries((): HistogramValue => {
          return { sum: 0, count: 0, counts: bounds.map(() => 0) };
        });
        readers.set(about.name, () => ({
          ...about,
          kind: 'histogram',
          bounds,
          points: series.points(),
        }));
        return {
          observe: (value: number, labels: MetricLabels = {}): void =>
            series.change(labels, ({ sum, count, counts }) => ({
              sum: sum + value,
              count: count + 1,
              counts: counts.map((each, at) => each + Number(value <= (bounds[at] ?? 0))),
            })),
        };
      }),
    /** Values of all metrics at this time. */
    families: (): MetricFamily[] => [...readers.values()].map((read) => read()),
  };
};

export type Registry = ReturnType<typeof createRegistry>;
