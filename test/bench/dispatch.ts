import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import { sign } from '../../shared/domain/webhooks/signature.ts';
import { openRecordingFloor } from './recording-floor.ts';
import { median, report } from './stats.ts';
import { openWebhookService, secret } from './webhook-service.ts';

// Deliveries per second, from due to recorded, compared with a bare loop that signs and posts the same bytes to the same
// receiver with as many in flight, and with one that also records each attempt on disk. Rounds alternate; the figures are medians.
const rounds = 5;
const deliveries = 3_000;
const inFlight = 64;

const service = await openWebhookService();
const floor = openRecordingFloor(deliveries);

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

const post = async (pool: Pool, path: string, id: string): Promise<number> => {
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
  return answer.statusCode;
};

/** Deliveries per second of a loop that gives the status of each answer to a function. */
const loop = async (
  url: string,
  ids: readonly string[],
  record?: (id: string, status: number) => Promise<void>,
): Promise<number> => {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: inFlight });
  const from = performance.now();
  const left = ids.values();
  const worker = async (): Promise<void> => {
    for (const id of left) {
      const status = await post(pool, pathname, id);
      await record?.(id, status);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const perSecond = (ids.length / (performance.now() - from)) * 1_000;
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
const bareIds = Array.from({ length: deliveries }, (_, index) => `ntf_${index}`);
for (const { user, url, kind } of receivers) {
  await service.register(url, user, inFlight);
  const toBare = [];
  const toRecording = [];
  for (let round = 0; round <= rounds; round++) {
    const bare = await loop(url, bareIds);
    const recording = await loop(url, floor.prepare(body.toString()), floor.record);
    const own = await ours(user);
    console.log(
      `${kind}, round ${round}: bare ${bare.toFixed(0)}/s, recording ${recording.toFixed(0)}/s, service ${own.toFixed(0)}/s`,
    );
    if (round === 0) continue;
    toBare.push(own / bare);
    toRecording.push(own / recording);
  }
  report(
    `dispatch to a receiver that ${kind}`,
    `${median(toBare).toFixed(2)} x the bare loop's deliveries a second, ${median(toRecording).toFixed(2)} x a loop's that records them`,
    'at least 0.7 x',
  );
}
await service.close();
floor.close();
