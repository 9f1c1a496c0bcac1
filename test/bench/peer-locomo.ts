import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { z } from 'zod';
import { createLocalEmbedder } from '../../shared/adapters/local-embedder/local-embedder.ts';
import { root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { keepVectors } from './vector-cache.ts';

// Gives facts to mem0ai/oss as they are, with the embedder of the service, and asks questions. Prints the turns of the results of each
// question, best first, as one line of JSON.
interface Memory {
  add(messages: object[], options: object): Promise<unknown>;
  search(query: string, options: object): Promise<{ results: { metadata?: { turn?: unknown } }[] }>;
  embedder: {
    embed(text: string): Promise<number[]>;
    embedBatch(texts: string[]): Promise<number[][]>;
  };
}
interface Package {
  Memory: new (config: object) => Memory;
}

const Order = z.object({ input: z.string(), vectors: z.string().optional() });
const Input = z.object({
  topK: z.number(),
  facts: z.array(z.object({ text: z.string(), turn: z.number() })),
  questions: z.array(z.string()),
});
const order = Order.parse(JSON.parse(process.argv[2] ?? ''));
const { topK, facts, questions } = Input.parse(JSON.parse(readFileSync(order.input, 'utf8')));

const home = temporaryFolder();
process.env['MEM0_TELEMETRY'] = 'false';
process.env['MEM0_DIR'] = home.path;
process.on('exit', home.remove);

const local = createLocalEmbedder();
const vectorsOf = await keepVectors(local, order.vectors);
const embedBatch = async (texts: readonly string[]): Promise<number[][]> =>
  (await vectorsOf(texts)).map((vector) => [...vector]);
const embed = async (text: string): Promise<number[]> => (await embedBatch([text]))[0] ?? [];
const dimension = (await embed('dimension')).length;

const { Memory }: Package = createRequire(`${root}/test/peers/package.json`)('mem0ai/oss');
const unused = { apiKey: 'unused', baseURL: 'http://127.0.0.1:9/v1' };
const memory = new Memory({
  version: 'v1.1',
  embedder: { provider: 'openai', config: { ...unused, embeddingDims: dimension } },
  llm: { provider: 'openai', config: unused },
  vectorStore: { provider: 'memory', config: { dimension, dbPath: ':memory:' } },
  historyStore: { provider: 'sqlite', config: { historyDbPath: ':memory:' } },
});
Object.assign(memory.embedder, { embed, embedBatch });

for (const { text, turn } of facts)
  await memory.add([{ role: 'user', content: text }], {
    userId: 'user',
    infer: false,
    metadata: { turn },
  });

const found: number[][] = [];
for (const question of questions) {
  const filters = { user_id: 'user' };
  const { results } = await memory.search(question, { filters, topK, threshold: 0 });
  found.push(results.map(({ metadata }) => Number(metadata?.turn)));
}
await local.close();
console.log(JSON.stringify(found));
