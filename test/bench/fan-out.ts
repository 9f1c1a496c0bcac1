import { median, percentile, report } from './stats.ts';
import { openWebhookService } from './webhook-service.ts';

// Fan-out of a fact to many endpoints: time that a healthy endpoint waits for its POST when it is alone, and when it is
// among 204 endpoints of which 200 never answer. Medians of several rounds.
const rounds = 3;
const healthy = 4;
const hanging = 200;
const facts = 40;
const everyMs = 500;

type Service = Awaited<ReturnType<typeof openWebhookService>>;

/** Milliseconds from the commit of a fact to its receipt, one for each POST that a healthy endpoint received. */
const trickle = async (service: Service): Promise<number[]> => {
  const { clock } = service.platform;
  await service.arrivals();
  const committed: { id: string; at: number }[] = [];
  for (let i = 0; i < facts; i++) {
    committed.push(await service.commitAndHint('everyone', i));
    await clock.sleep(everyMs);
  }
  await clock.sleep(2_000);
  const committedAt = new Map(committed.map(({ id, at }) => [id, at]));
  return (await service.arrivals()).flatMap(([id, at, port]) => {
    const from = committedAt.get(id);
    return from === undefined || port !== service.usualPort ? [] : at - from;
  });
};

const measureRound = async (round: number): Promise<number> => {
  const service = await openWebhookService();
  await service.register(service.usual, 'everyone', 8);
  const alone = await trickle(service);
  for (let i = 1; i < healthy; i++) await service.register(service.usual, 'everyone', 8);
  for (let i = 0; i < hanging; i++) await service.register(service.hanging, 'everyone', 8);
  const beside = await trickle(service);
  await service.close();
  console.log(
    `round ${round}: alone p50 ${median(alone).toFixed(1)} ms (${alone.length} of ${facts});` +
      ` of ${healthy + hanging} p50 ${median(beside).toFixed(1)} ms, p99 ${percentile(beside, 0.99).toFixed(1)} ms (${beside.length} of ${facts * healthy})`,
  );
  return median(beside) / median(alone);
};

const ratios = [];
for (let round = 1; round <= rounds; round++) ratios.push(await measureRound(round));
report('fan-out latency', `${median(ratios).toFixed(2)} x the p50 it has alone`, 'at most 20 x');
