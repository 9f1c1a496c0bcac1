export type Labels = { readonly [name: string]: string };

interface Meter {
  kind: 'counter' | 'gauge' | 'histogram';
  help: string;
  /** Returns the samples of the meter, in the text format. */
  samples(): string[];
}

/** Upper bounds in seconds. */
export const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
export const durationBuckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 3_600];

/** Most sets of labels of one meter: further ones are counted under none. */
const maxSeries = 2_000;

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');

const keyOf = (labels: Labels): string =>
  Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',');

const sample = (name: string, key: string, value: number): string =>
  `${name}${key === '' ? '' : `{${key}}`} ${value}`;

/** Values by set of labels. */
const createSeries = <V>(initial: () => V) => {
  const series = new Map<string, V>();
  return {
    of(labels: Labels): [key: string, value: V] {
      const key = keyOf(labels);
      const kept = series.has(key) || series.size < maxSeries ? key : '';
      const value = series.get(kept) ?? initial();
      series.set(kept, value);
      return [kept, value];
    },
    set: (key: string, value: V) => void series.set(key, value),
    entries: () => [...series],
  };
};

/** Creates an empty registry of metrics, in the text format of Prometheus. A name that is asked for again is the same metric. */
export const createRegistry = () => {
  const meters = new Map<string, Meter>();
  const handles = new Map<string, unknown>();
  const once = <H>(name: string, make: () => H): H => {
    const known = handles.get(name) ?? make();
    handles.set(name, known);
    return known as H;
  };

  const simple = (kind: 'counter' | 'gauge') => (name: string, help: string) =>
    once(name, () => {
      const series = createSeries(() => 0);
      meters.set(name, {
        kind,
        help,
        samples: () => series.entries().map(([key, value]) => sample(name, key, value)),
      });
      return {
        add(value: number, labels: Labels = {}): void {
          const [key, before] = series.of(labels);
          series.set(key, before + value);
        },
        set(value: number, labels: Labels = {}): void {
          const [key] = series.of(labels);
          series.set(key, value);
        },
      };
    });

  return {
    counter: simple('counter'),
    gauge: simple('gauge'),
    histogram: (name: string, help: string, bounds: readonly number[]) =>
      once(name, () => {
        const series = createSeries(() => ({ sum: 0, count: 0, counts: bounds.map(() => 0) }));
        meters.set(name, {
          kind: 'histogram',
          help,
          samples: () =>
            series.entries().flatMap(([key, { sum, count, counts }]) => {
              const labelled = (bound: string) => `${key === '' ? '' : `${key},`}le="${bound}"`;
              return [
                ...bounds.map((bound, at) =>
                  sample(`${name}_bucket`, labelled(String(bound)), counts[at] ?? 0),
                ),
                sample(`${name}_bucket`, labelled('+Inf'), count),
                sample(`${name}_sum`, key, sum),
                sample(`${name}_count`, key, count),
              ];
            }),
        });
        return {
          observe(value: number, labels: Labels = {}): void {
            const [key, { sum, count, counts }] = series.of(labels);
            series.set(key, {
              sum: sum + value,
              count: count + 1,
              counts: counts.map((each, at) => each + Number(value <= (bounds[at] ?? 0))),
            });
          },
        };
      }),
    text: (): string =>
      [...meters]
        .flatMap(([name, { kind, help, samples }]) => [
          `# HELP ${name} ${help}`,
          `# TYPE ${name} ${kind}`,
          ...samples(),
          '',
        ])
        .join('\n'),
  };
};

export type Registry = ReturnType<typeof createRegistry>;
