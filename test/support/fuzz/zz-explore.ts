import { mkdtempSync } from 'node:fs';
import { routesOfApp } from '/work/h-harness/test/support/fuzz/routes.ts';
import { examples } from '/work/h-harness/test/support/fuzz/examples.ts';
import { createIds } from '/work/h-harness/test/support/fuzz/ids.ts';
import { hostileCases } from '/work/h-harness/test/support/fuzz/hostile-requests.ts';
import { startProbedService } from '/work/h-harness/test/support/fuzz/probed-service.ts';
import { createSeeder, seed } from '/work/h-harness/test/support/fuzz/seed.ts';
import { startReceiver } from '/work/h-harness/test/support/webhook-receiver.ts';
import { targetedExamples } from '/work/h-harness/test/support/fuzz/hostile-targets.ts';
import { requestOf } from '/work/h-harness/test/support/fuzz/ids.ts';
import { shown } from '/work/h-harness/test/support/fuzz/exchange.ts';
const routes = await routesOfApp();
const known = new Set(examples.map((e) => e.route));
console.log(routes.length, 'missing', routes.filter((r) => !known.has(r)), 'extra', [...known].filter((r) => !routes.includes(r)));
console.log('cases', examples.map((e) => hostileCases(e).length).reduce((a, b) => a + b, 0));
const receiver = await startReceiver();
const dir = mkdtempSync('/tmp/hh/data-');
const settings = {folder:dir, receiver: receiver.pair};
let t = Date.now();
const lap = (name: string) => { console.log(name, Date.now() - t); t = Date.now(); };
let service = await startProbedService(settings);
lap('start'); let key = service.keys.full;
await service.ask('settle'); lap('settle');
const seeder = createSeeder(service.send, key);
const pools = await seed(seeder, receiver.url, { memories: 1000, spoilt: Number(process.env.SPOILT ?? 0), victims: 2, turns: 20, endpoints: 40 }, () => service.ask('settle'));
lap('seed');
console.log(await service.ask('collect')); lap('collect');
const ids = createIds(pools);
const only = process.env.ONLY;
const first = new Set<string>();
for (const example of examples) {
  if (only && !example.route.includes(only)) continue;
  const began = Date.now(); let n = 0; let bad = 0;
  const mine = first.has(example.route) ? [] : targetedExamples.filter((e) => e.route === example.route).map((e) => ({ name: 'target ' + JSON.stringify(e.body).slice(0, 70), make: (i: typeof ids, k: string) => requestOf(e, i, k) }));
  first.add(example.route);
  const generic = process.env.TARGETS ? [] : hostileCases(example);
  for (const c of [...mine, ...generic]) {
    const request = c.make(ids, key);
    n++; const at = Date.now();
    let status: number | string;
    try { status = (await service.send(request)).status; } catch (e) { status = String(e); }
    if (service.died() !== undefined) { console.log('DIED', example.route, c.name, service.died()?.slice(-300)); service = await startProbedService(settings); key = service.keys.full; continue; }
    if (/Timeout/.test(String(status))) { console.log('SILENT', example.route, c.name); await service.kill(); service = await startProbedService(settings); key = service.keys.full; continue; }
    const isWrite = request.method !== 'GET' && Number(status) < 300;
    const m = await service.ask(isWrite ? 'settle' : 'measure');
    if (Date.now() - at > 2000) console.log('   slow', Date.now() - at, example.route, c.name.slice(0, 60));
    const limit = (request.body?.length ?? 0) > 100_000 ? 100 : 50;
    if (m.longestTurnMs > limit || !(Number(status) < 500)) { bad++; console.log('  ', example.route, '|', c.name, '|', status, m.longestTurnMs.toFixed(0), 'ms'); }
  }
  console.log(example.route, n, 'cases', bad, 'bad', Date.now() - began, 'ms');
}
await service.kill(); await receiver.close();
