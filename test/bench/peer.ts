import { createRequire } from 'node:module';
import { z } from 'zod';
import { root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { dimensions } from './model-dialects.ts';
import { queryOf, sentenceOf } from './sentences.ts';
import { percentile } from './stats.ts';

// Runs mem0ai/oss with its store in memory, and prints the times as one line of JSON.
interface Memory {
  add(messages: object[], options: object): Promise<{ results: object[] }>;
  search(query: string, options: object): Promise<{ results: object[] }>;
  embedder: { embed(text: string): Promise<number[]> };
}
interface Package {
  Memory: new (config: object) => Memory;
}

const Order = z.object({
  task: z.enum(['add', 'search']),
  modelUrl: z.string(),
  senders: z.number(),
  /** Of each sender. */
  requests: z.number(),
  /** All senders add for one user, instead of one each. */
  oneUser: z.boolean().default(false),
});
const { task, modelUrl, senders, requests, oneUser } = Order.parse(
  JSON.parse(process.argv[2] ?? ''),
);

const home = temporaryFolder();
process.env['MEM0_TELEMETRY'] = 'false';
process.env['MEM0_DIR'] = home.path;
process.on('exit', home.remove);
const { Memory }: Package = createRequire(`${root}/test/peers/package.json`)('mem0ai/oss');
const model = { apiKey: 'unused', baseURL: modelUrl };
const memory = new Memory({
  version: 'v1.1',
  embedder: { provider: 'openai', config: { ...model, embeddingDims: dimensions } },
  llm: { provider: 'openai', config: model },
  vectorStore: { provider: 'memory', config: { dimension: dimensions, dbPath: ':memory:' } },
  historyStore: { provider: 'sqlite', config: { historyDbPath: ':memory:' } },
});

const say = (content: string) => [{ role: 'user', content }];

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const at = performance.now();
  await work();
  return performance.now() - at;
};

/** Adds by concurrent senders, each one sentence after the other; adds per second and the median in ms. */
const adds = async () => {
  const latencies: number[] = [];
  const send = async (sender: number): Promise<void> => {
    for (let i = 0; i < requests; i++) {
      const options = { userId: `user-${oneUser ? 0 : sender}` };
      const work = () => memory.add(say(sentenceOf(sender * requests + i)), options);
      latencies.push(await timed(work));
    }
  };
  const ms = await timed(() =>
    Promise.all(Array.from({ length: senders }, (_, sender) => send(sender))),
  );
  return { perSecond: latencies.length / (ms / 1_000), p50: percentile(latencies, 0.5) };
};

/** Searches among `requests` memories of one user, without the embedder's time; the median in ms. */
const searches = async () => {
  const vector = await memory.embedder.embed('anything');
  memory.embedder.embed = async () => vector;
  const options = { userId: 'user', infer: false };
  for (let i = 0; i < requests; i++) await memory.add(say(sentenceOf(i)), options);
  const latencies: number[] = [];
  for (let i = 0; i < 40; i++) {
    const search = () => memory.search(queryOf(i), { filters: { user_id: 'user' }, topK: 10 });
    latencies.push(await timed(search));
  }
  return { p50: percentile(latencies.slice(10), 0.5) };
};

const answer = task === 'search' ? await searches() : await adds();
console.log(JSON.stringify(answer));
