import { join } from 'node:path';
import { bundleAll } from '../../infra/bundle.ts';
import { bundleLeast, timeImport } from '../support/cold-imports.ts';
import { firstAnswer } from '../support/cold-requests.ts';
import { eagerLimits } from '../support/eager-limits.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { median, report } from './stats.ts';

// Cold start: the bytes that each function loads, and the import time of the API compared with the least it could take. A first add and a
// first search show whether an import is short because they do its work.
const imports = 15;
const firstRequests = 5;
const maxTimesLeast = 1.5;

const folder = temporaryFolder();
const bundles = await bundleAll(folder.path);
const least = await bundleLeast(folder.file('least'));
const api = join(bundles.find(({ name }) => name === 'api')?.folder ?? '', 'index.mjs');

// Runs alternate, so that other load of the machine affects both alike.
const runs = Array.from({ length: imports }, () => ({
  api: timeImport(api),
  least: timeImport(least),
}));
const requests = {
  add: {
    method: 'POST',
    target: '/v3/memories/add/',
    body: { user_id: 'ana', messages: [{ role: 'user', content: 'I am vegetarian.' }] },
  },
  search: {
    method: 'POST',
    target: '/v3/memories/search/',
    body: { query: 'What does she eat?', filters: { user_id: 'ana' } },
  },
};
const firsts: { [name in keyof typeof requests]: number[] } = { add: [], search: [] };
for (let run = 0; run < firstRequests; run += 1)
  for (const name of ['add', 'search'] as const) {
    const { status, ms } = await firstAnswer(api, requests[name]);
    if (status !== 200) throw new Error(`The ${name} was answered with ${status}.`);
    firsts[name].push(ms.import + ms.request);
  }
folder.remove();

const times = median(runs.map((run) => run.api)) / median(runs.map((run) => run.least));
for (const { name, eager, lazy } of bundles) {
  const limit = eagerLimits[name];
  const size = `${Math.ceil(eager / 1_000)} KB at start, ${Math.ceil(lazy / 1_000)} KB on first use`;
  report(`cold ${name}`, size, `at most ${limit / 1_000} KB at start`);
  if (eager > limit) process.exitCode = 1;
}
report(
  'cold',
  `the API is imported in ${median(runs.map((run) => run.api)).toFixed(0)} ms, ${times.toFixed(2)} x the router and two clients alone`,
  `at most ${maxTimesLeast} x`,
);
if (times > maxTimesLeast) process.exitCode = 1;
for (const [name, ms] of Object.entries(firsts))
  report(`cold first ${name}`, `${median(ms).toFixed(0)} ms with the import`, 'none');
