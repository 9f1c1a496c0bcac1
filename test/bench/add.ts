import { z } from 'zod';
import { startService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { askPeer, askProgram, startServer } from './programs.ts';
import { median, percentile, report } from './stats.ts';

// Adds over HTTP, compared with a floor (the least that a durable add can cost) and with a peer. Rounds of the service and
// of the floor alternate; the figures are medians.
const rounds = 7;
const senders = 16;
const requests = 60;
const key = 'bench-key-0123456789';

const Load = z.object({
  latencies: z.array(z.number()),
  perSecond: z.number(),
  last: z.array(z.string()),
});

const Final = z.object({ status: z.enum(['PENDING', 'RUNNING', 'SUCCEEDED']) });

const folder = temporaryFolder();
const model = await startServer('model-server.ts');
const floor = await startServer('baseline-server.ts', folder.file('floor.db'));
const service = await startService({
  TURNSTONE_DATA_DIR: folder.file('data'),
  TURNSTONE_API_KEY: key,
  OPENAI_BASE_URL: model.url,
});

const load = async (url: string, run: string) => {
  const order = { url, key, run, senders, requests };
  const { latencies, perSecond, last } = await askProgram('load-generator.ts', order, Load);
  return { p50: median(latencies), p99: percentile(latencies, 0.99), perSecond, last };
};

/** Waits until the service has refined its turns, so that the floor has the machine for itself; milliseconds waited. */
const settle = async (events: readonly string[]): Promise<number> => {
  const since = performance.now();
  for (const id of events) {
    const headers = { authorization: `Token ${key}` };
    let status = '';
    while (status !== 'SUCCEEDED') {
      const answer = await fetch(`${service.url}/v1/events/${id}?wait=25`, { headers });
      ({ status } = Final.parse(await answer.json()));
    }
  }
  return performance.now() - since;
};

const loadService = async (run: string) => {
  const loaded = await load(service.url, run);
  return { ...loaded, settledMs: await settle(loaded.last) };
};

/** Measures a round of the floor and a round of the service, in alternating order. */
const measurePair = async (round: number) => {
  const run = `round${round}`;
  const first = round % 2 === 0 ? await loadService(run) : undefined;
  const baseline = await load(floor.url, run);
  const ours = first ?? (await loadService(run));
  console.log(
    `round ${round}: floor p50 ${baseline.p50.toFixed(1)} ms, ${baseline.perSecond.toFixed(0)}/s;` +
      ` service p50 ${ours.p50.toFixed(1)} ms, p99 ${ours.p99.toFixed(1)} ms, ${ours.perSecond.toFixed(0)}/s, all refined ${ours.settledMs.toFixed(0)} ms later`,
  );
  return {
    latency: ours.p50 / baseline.p50,
    throughput: ours.perSecond / baseline.perSecond,
    perSecond: ours.perSecond,
  };
};

await measurePair(0);
const pairs = [];
for (let round = 1; round <= rounds; round++) pairs.push(await measurePair(round));
service.child.kill();
await Promise.all([floor.stop(), service.ended]);
const ours = median(pairs.map(({ perSecond }) => perSecond));
const peer = await askPeer({ task: 'add', modelUrl: model.url, senders, requests });
await model.stop();
folder.remove();

const latency = median(pairs.map((round) => round.latency));
const throughput = median(pairs.map((round) => round.throughput));
report('add latency', `${latency.toFixed(2)} x the floor's p50`, 'at most 1.6 x');
report('add throughput', `${throughput.toFixed(2)} x the floor's`, 'at least 0.6 x');
if (peer?.perSecond !== undefined)
  report(
    'add peer',
    `${(ours / peer.perSecond).toFixed(0)} x the adds of mem0ai/oss, ${ours.toFixed(0)}/s to ${peer.perSecond.toFixed(1)}/s`,
    'at least 100 x',
  );
