import { openOneRequest } from './one-request.ts';
import { routesOfApp } from './routes.ts';
import { hostileCasesOf } from './hostile-requests.ts';
const only = process.argv.slice(2);
let t = Date.now();
const one = await openOneRequest();
console.log('open', Date.now() - t, 'heap MiB', one.heapMiB);
for (const route of await routesOfApp()) {
  if (only.length && !only.some((o) => route.includes(o))) continue;
  t = Date.now();
  const cases = hostileCasesOf(route);
  const found: string[] = [];
  for (const c of cases) {
    const s = Date.now();
    const f = await one.findings([c]);
    for (const line of f) { console.log('   ', line.slice(0, 330)); found.push(line); }
    if (Date.now() - s > 3000) console.log('   slow', Date.now() - s, c.name);
  }
  console.log(route, cases.length, 'cases', found.length, 'found', Date.now() - t, 'ms');
}
await one.close();
process.exit();
