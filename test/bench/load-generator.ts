import { Agent, request } from 'node:http';
import { z } from 'zod';

// Adds turns to a service with several concurrent senders, each a user of its own; prints the times as one line of JSON.
const Order = z.object({
  url: z.string(),
  key: z.string(),
  /** Part of the users' ids and of the texts, so that they differ from those of other runs. */
  run: z.string(),
  senders: z.number(),
  /** Of each sender. */
  requests: z.number(),
});
const { url, key, run, senders, requests } = Order.parse(JSON.parse(process.argv[2] ?? ''));

const agent = new Agent({ keepAlive: true, maxSockets: senders });
const headers = { authorization: `Token ${key}`, 'content-type': 'application/json' };
const target = new URL('/v1/turns', url);

const Added = z.object({ event_id: z.string() });

/** Resolves with the body of the answer. */
const add = (body: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const length = Buffer.byteLength(body);
    const call = request(target, {
      agent,
      method: 'POST',
      headers: { ...headers, 'content-length': length },
    });
    call.on('error', reject);
    call.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve(text));
    });
    call.end(body);
  });

const latencies: number[] = [];
/** Event of each sender's last add. */
const last: string[] = [];

const send = async (sender: number): Promise<void> => {
  for (let i = 0; i < requests; i++) {
    const content = `In week ${i} of ${run} I visited town ${sender} and bought ${i} red lamps.`;
    const body = { messages: [{ role: 'user', content }], user_id: `${run}-${sender}` };
    const at = performance.now();
    const answer = await add(JSON.stringify(body));
    latencies.push(performance.now() - at);
    last[sender] = Added.parse(JSON.parse(answer)).event_id;
  }
};

const started = performance.now();
await Promise.all(Array.from({ length: senders }, (_, sender) => send(sender)));
const seconds = (performance.now() - started) / 1_000;
agent.destroy();
console.log(JSON.stringify({ latencies, perSecond: latencies.length / seconds, last }));
