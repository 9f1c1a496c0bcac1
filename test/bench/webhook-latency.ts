import { runConsumer } from '../../functions/local/consumer.ts';
import { createMemoryQueue } from '../../shared/adapters/memory-queue/queue.ts';
import { percentile, report } from './stats.ts';
import { machineMs, openWebhookService } from './webhook-service.ts';

// Latency from the commit of a fact until its POST leaves: two hints and two commits, in multiples of one hint hop.
const facts = 500;
const warmup = 50;

const service = await openWebhookService();
const { clock } = service.platform;
await service.register(service.quick, 'quick', 8);

/** Milliseconds of a hint from its sender to its handler. */
const measureHop = async (): Promise<number[]> => {
  const queue = createMemoryQueue(clock);
  const stop = new AbortController();
  let arrived = (): void => {};
  const consumer = runConsumer(
    service.platform,
    queue,
    async () => {
      arrived();
      return { batchItemFailures: [] };
    },
    { stop: stop.signal, cancel: stop.signal },
  );
  const hops: number[] = [];
  for (let i = 0; i < facts + warmup; i++) {
    await clock.sleep(2);
    const from = machineMs();
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    await queue.send([{ v: 1, kind: 'outbox', project: 'bench', scope: '-', outbox: String(i) }]);
    await arrival;
    hops.push(machineMs() - from);
  }
  stop.abort();
  await consumer;
  return hops.slice(warmup);
};

const measureService = async (): Promise<number[]> => {
  const latencies: number[] = [];
  for (let i = 0; i < facts + warmup; i++) {
    const recorded = service.recorded(1);
    const { id, at } = await service.commitAndHint('quick', i);
    await recorded;
    latencies.push((service.departures.get(id) ?? Number.NaN) - at);
    await clock.sleep(2);
  }
  return latencies.slice(warmup);
};

const hops = await measureHop();
const latencies = await measureService();
await service.close();

for (const [name, share] of [
  ['p50', 0.5],
  ['p99', 0.99],
] as const) {
  const [hop, latency] = [percentile(hops, share), percentile(latencies, share)];
  const measured = `${latency.toFixed(2)} ms, ${(latency / hop).toFixed(0)} x the ${name} of a hint hop (${(hop * 1_000).toFixed(0)} µs)`;
  report(`webhook latency ${name}`, measured, 'two commits and two hops');
}
