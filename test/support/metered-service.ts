import { randomUUID } from 'node:crypto';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/client.ts';
import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { tableDefinition } from '../../shared/adapters/dynamodb/table.ts';
import { createMemoryQueue } from '../../shared/adapters/memory-queue/queue.ts';
import { createOpenAiEmbedder } from '../../shared/adapters/openai/embedder.ts';
import { createOpenAiLanguageModel } from '../../shared/adapters/openai/language-model.ts';
import { createPineconeVectorIndex } from '../../shared/adapters/pinecone/vector-index.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import { accept } from '../../shared/core/accept.ts';
import { refineScope } from '../../shared/core/refine/refine.ts';
import { searchMemories } from '../../shared/core/retrieval/search.ts';
import { createFanOut } from '../../shared/core/webhooks/fan-out.ts';
import { scopeOf } from '../../shared/domain/memory/entities.ts';
import { endOutboxId } from '../../shared/domain/webhooks/outbox.ts';
import { createLocalPlatform } from '../../shared/platform/local.ts';
import { startOpenAiServer } from './openai-server.ts';
import { startPineconeServer } from './pinecone-server/server.ts';
import { createMeter, type Metered } from './request-counter.ts';

const project = 'proj_1';
const dimension = 1_536;

/** Starts the service with the adapters of AWS and records every AWS request; queues receive and drop hints. */
export const openMeteredService = async (endpoint: string) => {
  const meter = createMeter();
  const clock = systemClock;
  const client = createDynamoDbClient({
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: { requestTimeout: 30_000 },
  });
  const table = `turnstone-${randomUUID()}`;
  await client.send(new CreateTableCommand(tableDefinition(table)));
  meter.watch(client);
  const model = await startOpenAiServer({ dimensions: dimension });
  const pinecone = await startPineconeServer({ apiKey: 'key', dimension });
  const openai = { apiKey: 'key', baseUrl: model.url, fetch: meter.fetch('model') };
  const local = createLocalPlatform({
    path: ':memory:',
    clock,
    store: createDynamoDbStore({ client, table, clock, ids: createIds(clock) }),
    languageModel: createOpenAiLanguageModel({ ...openai, model: 'gpt-4.1-mini' }),
    embedder: createOpenAiEmbedder({ ...openai, model: 'text-embedding-3-small' }),
    vectorIndex: createPineconeVectorIndex({
      apiKey: 'key',
      host: pinecone.url,
      buckets: 16,
      dimension,
      clock,
      fetch: meter.fetch('index'),
    }),
  });
  const platform = {
    ...local,
    turns: meter.queue(createMemoryQueue(clock)),
    notifications: meter.queue(createMemoryQueue(clock)),
  };

  const fanOut = createFanOut(platform);

  /** Records the requests of `work`. */
  const measure = async <T>(
    work: () => Promise<T>,
  ): Promise<{ result: T; requests: Metered[] }> => {
    meter.taken();
    const result = await work();
    return { result, requests: meter.taken() };
  };

  return {
    measure,
    add: async (text: string, user: string): Promise<string> => {
      const accepted = await accept(platform, project, {
        entities: { user },
        messages: [{ role: 'user', content: text }],
        metadata: {},
        options: { infer: true },
      });
      if (accepted.outcome !== 'accepted') throw new Error(`not accepted: ${accepted.outcome}`);
      return accepted.turn;
    },
    refine: (user: string) =>
      refineScope(platform, project, scopeOf({ user }), {
        deadlineAt: clock.now() + 60_000,
        signal: new AbortController().signal,
      }),
    expandOutbox: (turn: string, user: string) =>
      fanOut(
        { v: 1, kind: 'outbox', project, scope: scopeOf({ user }), outbox: endOutboxId(turn) },
        { deadlineAt: clock.now() + 60_000, signal: new AbortController().signal },
      ),
    search: async (query: string, user: string) => {
      const { memories } = await searchMemories(platform, project, {
        query,
        filter: { entity: 'user', is: user },
        topK: 10,
        threshold: 0,
        fills: true,
      });
      return memories;
    },
    async close() {
      await platform.close();
      await Promise.all([model.close(), pinecone.close()]);
    },
  };
};
