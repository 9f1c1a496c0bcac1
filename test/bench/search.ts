import { createDispatcherHandler } from '../../functions/dispatcher/handler.ts';
import { runConsumer } from '../../functions/local/consumer.ts';
import { createWorkerHandler } from '../../functions/worker/handler.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { accept } from '../../shared/core/accept.ts';
import { searchMemories } from '../../shared/core/retrieval/search.ts';
import { sweep } from '../../shared/core/sweep.ts';
import { createLocalPlatform } from '../../shared/platform/local.ts';
import { dueItems } from '../support/due-items.ts';
import { plainLanguageModel } from '../support/fake-models.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { dimensions } from './model-dialects.ts';
import { askPeer, startServer } from './programs.ts';
import { queryOf, sentenceOf } from './sentences.ts';
import { median, report } from './stats.ts';

// Searches among the memories of one user, without the embedder's time, compared with a peer.
const memories = 1_000;
const searches = 60;
const warmup = 20;
const project = 'bench';

/** Vector of a text, by its letters. */
const vectorOf = (text: string): Float32Array => {
  const vector = new Float32Array(dimensions);
  for (const [i, character] of [...text].entries())
    vector[(i * 31 + (character.codePointAt(0) ?? 0) * 17) % dimensions] = 1;
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
};
const queryVectors = new Map(
  Array.from({ length: warmup + searches }, (_, i) => [queryOf(i), vectorOf(queryOf(i))]),
);

/** Embedder whose vectors of queries are computed beforehand. */
const instantEmbedder = {
  model: `instant@${dimensions}`,
  embed: async (texts: readonly string[]) =>
    texts.map((text) => queryVectors.get(text) ?? vectorOf(text)),
};

const folder = temporaryFolder();
/** Milliseconds by which the clock of the service is ahead of the machine's. */
let ahead = 0;
const platform = createLocalPlatform({
  dataDir: folder.path,
  embedder: instantEmbedder,
  languageModel: plainLanguageModel,
  clock: { ...systemClock, now: () => Date.now() + ahead },
});
const stop = new AbortController();
const signals = { stop: stop.signal, cancel: stop.signal };
const pumps = [
  runConsumer(platform, platform.turns, createWorkerHandler(platform), signals),
  runConsumer(platform, platform.notifications, createDispatcherHandler(platform), signals),
];

/** Sweeps until nothing is due. */
const drain = async (): Promise<void> => {
  const { store, clock } = platform;
  while ((await dueItems(store, { until: clock.now(), limit: 1 })).length > 0) {
    await sweep(platform);
    await systemClock.sleep(200);
  }
};

const remember = async (): Promise<void> => {
  for (let i = 0; i < memories; i++) {
    const accepted = await accept(platform, project, {
      entities: { user: 'user' },
      messages: [{ role: 'user', content: sentenceOf(i) }],
      metadata: {},
      options: { infer: true },
    });
    if (accepted.outcome !== 'accepted') throw new Error(`an add was ${accepted.outcome}`);
  }
  await drain();
};

/** Advances the clock until all memories are read from the index, none directly. */
const settle = async (): Promise<void> => {
  for (let minutes = 0; minutes < 4; minutes++) {
    ahead += 61_000;
    await drain();
  }
};

const searchTime = async (): Promise<number> => {
  const latencies: number[] = [];
  for (let i = 0; i < warmup + searches; i++) {
    const at = performance.now();
    const { memories: found } = await searchMemories(platform, project, {
      query: queryOf(i),
      filter: { entity: 'user', is: 'user' },
      topK: 10,
      threshold: 0.1,
      fills: true,
    });
    if (found.length < 10) throw new Error('a search found too little');
    if (i >= warmup) latencies.push(performance.now() - at);
  }
  return median(latencies);
};

await remember();
const early = await searchTime();
await settle();
const settled = await searchTime();
stop.abort();
await Promise.all(pumps);
await platform.close();
folder.remove();

const model = await startServer('model-server.ts');
const peer = await askPeer({ task: 'search', modelUrl: model.url, senders: 1, requests: memories });
await model.stop();

console.log(`p50 right after the import ${early.toFixed(2)} ms, settled ${settled.toFixed(2)} ms`);
for (const [state, p50] of [
  ['right after the import', early],
  ['settled', settled],
] as const)
  if (peer)
    report(
      `search, ${state}`,
      `p50 1/${(peer.p50 / p50).toFixed(1)} of mem0ai/oss, ${p50.toFixed(2)} ms to ${peer.p50.toFixed(1)} ms`,
      'at most 1/20',
    );
