import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import { sign } from '../../shared/domain/webhooks/signature.ts';
import { median, report } from './stats.ts';
import { openWebhookService, secret } from './webhook-service.ts';

// Deliveries per second, from due to recorded, compared with a bare loop that signs and posts the same bytes to the same
// receiver with as many in flight. Rounds alternate; the figures are medians.
const rounds = 5;
const deliveries = 3_000;
const inFlight = 64;

const service = await openWebhookService();

/** Body in the form that the service posts. */
const body = Buffer.from(
  JSON.stringify({
    type: 'memory_add',
    timestamp: new Date().toISOString(),
    data: {
      project: 'bench',
      user_id: 'user',
      agent_id: null,
      app_id: null,
      run_id: null,
      event_id: null,
      memory_id: randomUUID(),
      new_text: 'Visited town 1000 and bought 1000 red lamps',
      metadata: {},
      categories: [],
    },
    event_details: {
      id: randomUUID(),
      data: { memory: 'Visited town 1000 and bought 1000 red lamps' },
      event: 'ADD',
    },
  }),
);

const postBare = async (pool: Pool, path: string, index: number): Promise<void> => {
  const id = `ntf_${index}`;
  const timestamp = Math.floor(Date.now() / 1_000);
  const answer = await pool.request({
    method: 'POST',
    path,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': sign({ id, timestamp, body }, [secret]),
    },
    body,
  });
  await answer.body.dump();
};

const bare = async (url: string): Promise<number> => {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: inFlight });
  const from = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < deliveries; index = next++)
      await postBare(pool, pathname, index);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const perSecond = (deliveries / (performance.now() - from)) * 1_000;
  await pool.close();
  return perSecond;
};

const ours = async (user: string): Promise<number> => {
  const hints = await service.prepare(user, deliveries);
  const done = service.recorded(hints.length);
  const from = performance.now();
  await service.platform.notifications.send(hints);
  await done;
  return (hints.length / (performance.now() - from)) * 1_000;
};

const receivers = [
  { user: 'usual', url: service.usual, kind: 'answers after 25 ms' },
  { user: 'quick', url: service.quick, kind: 'answers at once' },
];
for (const { user, url, kind } of receivers) {
  await service.register(url, user, inFlight);
  const ratios = [];
  for (let round = 0; round <= rounds; round++) {
    const least = await bare(url);
    const own = await ours(user);
    console.log(`${kind}, round ${round}: bare ${least.toFixed(0)}/s, service ${own.toFixed(0)}/s`);
    if (round > 0) ratios.push(own / least);
  }
  report(
    `dispatch to a receiver that ${kind}`,
    `${median(ratios).toFixed(2)} x the bare loop's deliveries a second`,
    'at least 0.7 x',
  );
}
await service.close();
