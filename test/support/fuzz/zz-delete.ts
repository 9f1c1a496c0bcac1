import { startFuzzService } from './fuzz-service.ts';
import { openApp } from './open-service.ts';
import { startService } from '../../../functions/local/service.ts';
import { readConfig } from '../../../shared/platform/config.ts';
import { createSeeder } from './seed.ts';
import { settled } from './settled.ts';
import { createLoopMeter } from './loop-meter.ts';
import { Session } from 'node:inspector/promises';
import { writeFileSync } from 'node:fs';
import { startReceiver } from '../webhook-receiver.ts';
import { parseAllowedPair } from '../../../shared/domain/allowed-pair.ts';
const receiver = await startReceiver();
const { platform, app, keys } = await openApp({ path: ':memory:', log: 'silent', webhookAllow: [parseAllowedPair(receiver.pair)!] });
const service = await startService(platform, app, { ...readConfig({}), port: 0 });
const send = async ({ method, path, headers, body }: any) => { const r = await app.request('http://x' + path, { method, headers, body }); return { status: r.status, text: await r.text() }; };
const s = createSeeder(send, keys.full);
await s.user('v', Number(process.argv[2] ?? 1000));
await settled();
await s.endpoint(receiver.url, { event_types: ['*'] });
let lastT = process.threadCpuUsage(), lastH = Number(process.hrtime.bigint() / 1000n); const turns: { ms: number; from: number; to: number }[] = [];
setInterval(() => { const n = process.threadCpuUsage(); const h = Number(process.hrtime.bigint() / 1000n); const ms = (n.user + n.system - lastT.user - lastT.system) / 1000; if (ms > 25) turns.push({ ms, from: lastH, to: h }); lastT = n; lastH = h; }, 1).unref();
const meter = createLoopMeter(); meter.start();
const session = new Session(); session.connect();
await session.post('Profiler.enable'); await session.post('Profiler.start');
const t = process.threadCpuUsage(); const w = Date.now();
await s.call('DELETE /v1/memories?user_id=v');
await settled();
const u = process.threadCpuUsage(t);
console.log('cpu', (u.user + u.system) / 1e6, 's; wall', Date.now() - w, 'longest', await meter.read());
const { profile } = await session.post('Profiler.stop');
writeFileSync('/tmp/hh/delete.cpuprofile', JSON.stringify(profile));
const self = new Map<string, number>();
const dt = profile.timeDeltas ?? []; const byId = new Map(profile.nodes.map((n) => [n.id, n]));
for (const [i, id] of (profile.samples ?? []).entries()) { const n = byId.get(id)!; const k = n.callFrame.functionName + ' ' + n.callFrame.url.split('/').slice(-2).join('/') + ':' + n.callFrame.lineNumber; self.set(k, (self.get(k) ?? 0) + (dt[i] ?? 0) / 1000); }
for (const [k, v] of [...self].sort((a, b) => b[1] - a[1]).slice(0, 25)) console.log(v.toFixed(0), k);

let at = profile.startTime; const stamps = dt.map((d) => (at += d));
for (const turn of turns.sort((a, b) => b.ms - a.ms).slice(0, 5)) {
  console.log('turn', turn.ms.toFixed(0), 'ms');
  const own = new Map<string, number>();
  for (const [i, id] of (profile.samples ?? []).entries()) { if (stamps[i]! < turn.from || stamps[i]! > turn.to) continue; const n = byId.get(id)!; const k = n.callFrame.functionName + ' ' + n.callFrame.url.split('/').slice(-2).join('/') + ':' + n.callFrame.lineNumber; own.set(k, (own.get(k) ?? 0) + (dt[i] ?? 0) / 1000); }
  for (const [k, v] of [...own].sort((a, b) => b[1] - a[1]).slice(0, 8)) console.log('    ', v.toFixed(0), k);
}
process.exit();
