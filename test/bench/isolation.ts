import { median, percentile, report } from './stats.ts';
import { openWebhookService } from './webhook-service.ts';

// A healthy endpoint alone, and beside a hanging one with thousands of queued deliveries: milliseconds from the commit of a
// fact to its receipt, and deliveries per second. Medians of several rounds.
const rounds = 3;
const queued = 5_000;
const facts = 500;
const everyMs = 12;
const burst = 1_500;
const bursts = 3;

type Service = Awaited<ReturnType<typeof openWebhookService>>;

/** Commits facts at a steady rate; milliseconds from commit to receipt of each. */
const trickle = async (service: Service): Promise<number[]> => {
  const { clock } = service.platform;
  await service.arrivals();
  const recorded = service.recorded(facts);
  const committed: { id: string; at: number }[] = [];
  for (let i = 0; i < facts; i++) {
    committed.push(await service.commitAndHint('healthy', i));
    await clock.sleep(everyMs);
  }
  await recorded;
  const arrivedAt = new Map((await service.arrivals()).map(([id, at]) => [id, at]));
  return committed.map(({ id, at }) => (arrivedAt.get(id) ?? Number.NaN) - at);
};

const perSecond = async (service: Service): Promise<number> => {
  const hints = await service.prepare('healthy', burst);
  const recorded = service.recorded(hints.length);
  const from = performance.now();
  await service.platform.notifications.send(hints);
  await recorded;
  return (hints.length / (performance.now() - from)) * 1_000;
};

const measure = async (service: Service) => {
  const p99 = percentile(await trickle(service), 0.99);
  const speeds = [];
  for (let i = 0; i < bursts; i++) speeds.push(await perSecond(service));
  return { p99, perSecond: median(speeds) };
};

const measureRound = async (round: number) => {
  const service = await openWebhookService();
  await service.register(service.usual, 'healthy', 32);
  await perSecond(service);
  const alone = await measure(service);
  await service.register(service.hanging, 'stuck', 8);
  const hints = await service.prepare('stuck', queued);
  await service.platform.notifications.send(hints);
  const beside = await measure(service);
  await service.close();
  console.log(
    `round ${round}: alone p99 ${alone.p99.toFixed(1)} ms, ${alone.perSecond.toFixed(0)}/s;` +
      ` beside ${queued} that hang p99 ${beside.p99.toFixed(1)} ms, ${beside.perSecond.toFixed(0)}/s`,
  );
  return { latency: beside.p99 / alone.p99, throughput: beside.perSecond / alone.perSecond };
};

const measured = [];
for (let round = 1; round <= rounds; round++) measured.push(await measureRound(round));
const latency = median(measured.map((round) => round.latency));
const throughput = median(measured.map((round) => round.throughput));
report('isolation latency', `${latency.toFixed(2)} x the p99 it has alone`, 'at most 2 x');
report('isolation throughput', `${throughput.toFixed(2)} x what it has alone`, 'at least 0.98 x');
