import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { askProgram } from './programs.ts';
import { median, report } from './stats.ts';

// Scopes of many memories on one machine: searches, lists, memory and the first search after a start, each size in a fresh
// process on the same file.
const { values } = parseArgs({
  options: {
    /** Memories of one user each. */
    sizes: { type: 'string', default: '1000,10000,100000' },
    /** Memories of all users together; those of the others are spread over users of 1,000 each. */
    total: { type: 'string', default: '1000000' },
    /** Data folder of an earlier run with the same sizes, which is used again and kept. */
    folder: { type: 'string' },
  },
});
const sizes = values.sizes.split(',').map(Number);
const total = Number(values.total);

const Loaded = z.object({ perSecond: z.number() });
const First = z.object({ firstSearch: z.number() });
const Measured = z.object({
  search: z.number(),
  searchCpu: z.number(),
  firstList: z.number(),
  list: z.number(),
  listCpu: z.number(),
  deepList: z.number(),
  deepListCpu: z.number(),
  filteredList: z.number(),
  health: z.number(),
  iteration: z.number(),
  resident: z.number(),
  residentAboveEmpty: z.number(),
});
type Measured = z.output<typeof Measured> & z.output<typeof First>;

// As `npm start` does.
process.env['NODE_OPTIONS'] = '--max-semi-space-size=16';
const temporary = temporaryFolder();
const folder = values.folder ?? temporary.path;
const { perSecond } = await askProgram('scale-local-load.ts', { folder, sizes, total }, Loaded);
if (perSecond > 0) console.log(`loaded ${perSecond.toFixed(0)} memories per second`);

const measured: Measured[] = [];
/** First searches after starts of which the median counts. */
const starts = 3;
for (const size of sizes) {
  const of = { folder, size };
  const rest = await askProgram('scale-local-service.ts', { ...of, isFirst: false }, Measured);
  const firsts: number[] = [];
  for (let i = 0; i < starts; i++) {
    const { firstSearch } = await askProgram(
      'scale-local-service.ts',
      { ...of, isFirst: true },
      First,
    );
    firsts.push(firstSearch);
  }
  measured.push({ ...rest, firstSearch: median(firsts) });
}
rmSync(temporary.path, { recursive: true, force: true });

/** Rows of the table, with the decimals of their figures. */
const rows: readonly [name: string, figure: keyof Measured, decimals: number][] = [
  ['First search after the start, ms', 'firstSearch', 0],
  ['Search p50, ms', 'search', 1],
  ['CPU of the event loop per search, ms', 'searchCpu', 1],
  ['First list, ms', 'firstList', 0],
  ['List page at the beginning p50, ms', 'list', 1],
  ['CPU of the event loop per page, ms', 'listCpu', 1],
  ['Deep list page p50, ms', 'deepList', 1],
  ['CPU of the event loop per deep page, ms', 'deepListCpu', 1],
  ['Page of a filtered list p50, ms', 'filteredList', 1],
  ['Slowest health check during load, ms', 'health', 0],
  ['Longest event loop iteration, ms of CPU', 'iteration', 0],
  ['Resident above a service that has searched five memories, MB', 'resident', 0],
  ['Resident above a service that has not searched, MB', 'residentAboveEmpty', 0],
];
const cells = (name: string, figures: readonly string[]): string =>
  `| ${name} | ${figures.join(' | ')} |`;
console.log(cells('Memories of the scope', sizes.map(String)));
console.log(
  cells(
    '---',
    sizes.map(() => '---'),
  ),
);
for (const [name, figure, decimals] of rows)
  console.log(
    cells(
      name,
      measured.map((one) => one[figure].toFixed(decimals)),
    ),
  );

const smallest = measured[0];
const largest = measured.at(-1);
if (!smallest || !largest) throw new Error('no sizes');
const times = (figure: keyof Measured): string =>
  `${(largest[figure] / smallest[figure]).toFixed(1)} x that of ${sizes[0]}, ${largest[figure].toFixed(1)} ms`;
const worst = (figure: keyof Measured): string =>
  `${Math.max(...measured.map((one) => one[figure])).toFixed(0)} ms`;

const [least = 0, size = 0] = [sizes[0], sizes.at(-1)];
const perMemory = (figure: 'resident' | 'residentAboveEmpty'): string =>
  ((1e6 * largest[figure]) / size).toFixed(0);
const further = (1e6 * (largest.resident - smallest.resident)) / Math.max(1, size - least);

report('scale-local, search p50', times('search'), 'at most 4 x');
report('scale-local, list page', times('list'), 'about 1 x');
report('scale-local, deep list page', times('deepList'), 'about 1 x');
report('scale-local, slowest health check', worst('health'), 'at most 50 ms');
report('scale-local, longest event loop iteration', worst('iteration'), 'at most 50 ms of CPU');
report(
  'scale-local, resident',
  `${perMemory('resident')} bytes per memory above a service that has searched five, ${perMemory('residentAboveEmpty')} above one that has not searched, ${further.toFixed(0)} for each beyond ${sizes[0]}`,
  'at most 1200',
);
report(
  'scale-local, first search after a start',
  `${largest.firstSearch.toFixed(0)} ms`,
  'at most 500 ms',
);
