import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { formatTime } from './format.ts';

interface Series {
  label: string;
  /** Custom property of the style sheet that has the colour. */
  color: string;
  values: readonly number[];
}

interface ChartProps {
  title: string;
  /** Unix seconds. */
  times: readonly number[];
  series: readonly Series[];
  /** Whether values between whole numbers have no meaning. */
  isWhole?: boolean;
  format: (value: number) => string;
}

const dark = matchMedia('(prefers-color-scheme: dark)');

/** Whether the system asks for dark colours, which a canvas does not follow by itself. */
const useIsDark = (): boolean => {
  const [isDark, setDark] = useState(dark.matches);
  useEffect(() => {
    const follow = (): void => setDark(dark.matches);
    dark.addEventListener('change', follow);
    return () => dark.removeEventListener('change', follow);
  }, []);
  return isDark;
};

/** Distances between marks of whole numbers. */
const wholeSteps = [0, 1, 2, 3, 4, 5, 6].flatMap((power) =>
  [1, 2, 5].map((step) => step * 10 ** power),
);

const day = '{YYYY}-{MM}-{DD}';

/** Texts of a time axis, by the distance of its marks in seconds: of each mark, and of one at which year, day or minute changes. */
const timeTexts: (number | string | null)[][] = [
  [31_536_000, '{YYYY}', null, null, null, null, null, null, 1],
  [86_400, '{MM}-{DD}', '\n{YYYY}', null, null, null, null, null, 1],
  [60, '{HH}:{mm}', '\n{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
  [1, ':{ss}', `\n${day} {HH}:{mm}`, null, `\n${day} {HH}:{mm}`, null, '\n{HH}:{mm}', null, 1],
  [0.001, ':{ss}.{fff}', `\n${day} {HH}:{mm}`, null, null, null, '\n{HH}:{mm}', null, 1],
];

const optionsOf = (width: number, { series, isWhole, format }: ChartProps): uPlot.Options => {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: color('--soft'),
    grid: { stroke: color('--edge'), width: 1 },
    ticks: { stroke: color('--edge'), width: 1 },
  };
  return {
    width,
    height: 200,
    legend: { live: false },
    cursor: { show: false },
    axes: [
      { ...axis, values: timeTexts },
      {
        ...axis,
        size: 64,
        values: (_, ticks) => ticks.map(format),
        ...(isWhole && { incrs: wholeSteps }),
      },
    ],
    scales: { y: { range: (_, _min, max) => [0, Math.max(1, max * 1.1)] } },
    series: [
      {},
      ...series.map(
        ({ label, color: name }): uPlot.Series => ({
          label,
          stroke: color(name),
          width: 2,
          points: { show: true, size: 6, fill: color(name) },
        }),
      ),
    ],
  };
};

/** A chart over time, with its numbers as a table for those that cannot see it. */
export const Chart = (props: ChartProps) => {
  const { title, times, series, format } = props;
  const target = useRef<HTMLDivElement>(null);
  const isDark = useIsDark();

  useEffect(() => {
    const parent = target.current;
    if (!parent) return;
    const data: uPlot.AlignedData = [[...times], ...series.map(({ values }) => [...values])];
    const plot = new uPlot(optionsOf(parent.clientWidth, props), data, parent);
    const resized = new ResizeObserver(() =>
      plot.setSize({ width: parent.clientWidth, height: 200 }),
    );
    resized.observe(parent);
    return () => {
      resized.disconnect();
      plot.destroy();
    };
  }, [isDark, JSON.stringify([times, series])]);

  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <div ref={target} aria-hidden="true" />
      <details>
        <summary>Numbers</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">Time</th>
              {series.map(({ label }) => (
                <th key={label} scope="col">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {times.map((time, at) => (
              <tr key={time}>
                <td>{formatTime(new Date(time * 1_000).toISOString())}</td>
                {series.map(({ label, values }) => (
                  <td key={label}>{format(values[at] ?? 0)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
};
