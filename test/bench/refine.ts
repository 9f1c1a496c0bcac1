import { workerPrefetch } from '../../functions/local/background-work.ts';
import { runConsumer } from '../../functions/local/consumer.ts';
import { createRequestPriority } from '../../functions/local/request-priority.ts';
import { createWorkClasses } from '../../functions/local/work-classes.ts';
import { createWorkerHandler } from '../../functions/worker/handler.ts';
import { createOpenAiEmbedder } from '../../shared/adapters/openai/embedder.ts';
import { createOpenAiLanguageModel } from '../../shared/adapters/openai/language-model.ts';
import { accept } from '../../shared/core/accept.ts';
import { isFinal } from '../../shared/domain/memory/event.ts';
import { eventKey } from '../../shared/domain/table/keys.ts';
import { createLocalPlatform } from '../../shared/platform/local.ts';
import { countTokens } from '../support/count-tokens.ts';
import { startOpenAiServer } from '../support/openai-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { answerEither, dimensions } from './model-dialects.ts';
import { askPeer } from './programs.ts';
import { sentenceOf } from './sentences.ts';
import { percentile, report } from './stats.ts';

// Cost of refinement: time besides model and embedder, and prompt tokens.
const project = 'bench';
const turns = 400;
const warmup = 50;
const users = 8;
const burst = 16;
const server = await startOpenAiServer({ dimensions, chat: answerEither });

/** Spans of time in which a model or the embedder worked. */
const outside: { from: number; to: number }[] = [];

const timed =
  <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
  async (...args: A): Promise<R> => {
    const from = performance.now();
    try {
      return await work(...args);
    } finally {
      outside.push({ from, to: performance.now() });
    }
  };

/** Milliseconds of a span in which neither a model nor the embedder worked. Spans of theirs may overlap. */
const inside = (from: number, to: number): number => {
  let free = 0;
  let at = from;
  for (const span of outside.toSorted((a, b) => a.from - b.from)) {
    if (span.to <= at || span.from >= to) continue;
    free += Math.max(0, span.from - at);
    at = span.to;
  }
  return free + Math.max(0, to - at);
};

const openai = { baseUrl: server.url, apiKey: undefined };
const model = createOpenAiLanguageModel({ ...openai, model: 'chat' });
const embedder = createOpenAiEmbedder({ ...openai, model: 'embeddings' });
const folder = temporaryFolder();
const platform = createLocalPlatform({
  dataDir: folder.path,
  languageModel: { ...model, decide: timed(model.decide) },
  embedder: { ...embedder, embed: timed(embedder.embed) },
});
const stop = new AbortController();
const requestPriority = createRequestPriority(platform.clock);
const consumer = runConsumer(
  platform,
  platform.turns,
  createWorkerHandler({ ...platform, store: requestPriority.throttledStore(platform.store) }),
  {
    stop: stop.signal,
    cancel: stop.signal,
    concurrency: workerPrefetch,
    classes: createWorkClasses(8, stop.signal, platform.telemetry),
  },
  requestPriority.waitForQuiet,
);

const remember = async (user: string, content: string): Promise<string> => {
  requestPriority.onRequest();
  const accepted = await accept(platform, project, {
    entities: { user },
    messages: [{ role: 'user', content }],
    metadata: {},
    options: { infer: true },
  });
  if (accepted.outcome !== 'accepted') throw new Error(`an add was ${accepted.outcome}`);
  return accepted.event;
};

/** Polls more often than a client would, so that the wait itself does not count. */
const refined = async (event: string): Promise<void> => {
  for (;;) {
    const { status } = (await platform.store.get(eventKey(project, event))) ?? {};
    if (status === 'SUCCEEDED') return;
    if (status === undefined || isFinal(status)) throw new Error(`an event is ${status}`);
    await platform.clock.sleep(1);
  }
};

const tokensSince = (first: number): number =>
  server
    .chats()
    .slice(first)
    .reduce((sum, { messages, response_format: format }) => {
      const said = messages.map(({ content }) => content).join('\n');
      return sum + countTokens(said) + countTokens(JSON.stringify(format ?? ''));
    }, 0);

const tokensOf = async (work: () => Promise<unknown>): Promise<number> => {
  const first = server.chats().length;
  await work();
  return tokensSince(first);
};

const overheads: number[] = [];
for (let i = 0; i < turns + warmup; i++) {
  outside.length = 0;
  const from = performance.now();
  await refined(await remember(`user-${i % users}`, sentenceOf(i)));
  if (i >= warmup) overheads.push(inside(from, performance.now()));
}

const oneByOne = await tokensOf(async () => {
  for (let i = 0; i < burst; i++) await refined(await remember('single', sentenceOf(i)));
});
const together = await tokensOf(async () => {
  const events = Array.from({ length: burst }, (_, i) => remember('burst', sentenceOf(i)));
  for (const event of await Promise.all(events)) await refined(event);
});
stop.abort();
await consumer;
await platform.close();
folder.remove();

const order = { task: 'add', modelUrl: server.url, oneUser: true } as const;
const peerOneByOne = await tokensOf(() => askPeer({ ...order, senders: 1, requests: burst }));
const peerTogether = await tokensOf(() => askPeer({ ...order, senders: burst, requests: 1 }));
await server.close();

const p50 = percentile(overheads, 0.5).toFixed(1);
report(
  'refine',
  `p99 ${percentile(overheads, 0.99).toFixed(1)} ms, p50 ${p50} ms`,
  'at most 50 ms',
);
for (const [name, own, theirs, target] of [
  ['of one-sentence turns', oneByOne, peerOneByOne, '1/8'],
  [`of a burst of ${burst} turns`, together, peerTogether, '1/16'],
] as const) {
  const [each, peerEach] = [own, theirs].map((tokens) => Math.round(tokens / burst));
  const ratio = `1/${(theirs / own).toFixed(1)} of the prompt tokens of mem0ai/oss`;
  if (theirs > 0)
    report(`refine, ${name}`, `${ratio}, ${each} to ${peerEach} a turn`, `at most ${target}`);
}
