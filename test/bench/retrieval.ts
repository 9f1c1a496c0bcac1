import { parseArgs } from 'node:util';
import { createLocalEmbedder } from '../../shared/adapters/local-embedder/local-embedder.ts';
import { lexicalScores } from '../../shared/core/retrieval/lexical-scores.ts';
import { type Candidate, rank } from '../../shared/core/retrieval/rank.ts';
import { uuidV7Factory } from '../../shared/domain/ids.ts';
import { analyze } from '../../shared/domain/memory/analyzer.ts';
import { searchTerms } from '../../shared/domain/memory/search-terms.ts';
import type { Turn } from '../../shared/domain/memory/turn.ts';
import { cosine } from '../../shared/domain/memory/vector.ts';
import { type Conversation, type Question, readLocomo, type Utterance } from './locomo.ts';
import { createRecallCounter } from './recall-at.ts';
import { keepVectors } from './vector-cache.ts';

const target = 70;
/** Candidates by words and by meaning, each as many as the index returns. */
const depth = 100;

const { values, positionals } = parseArgs({
  options: { vectors: { type: 'string' } },
  allowPositionals: true,
});
const [file] = positionals;
if (!file) {
  console.error(
    'Usage: npm run bench:retrieval -- <locomo file> [--vectors <file to keep vectors in>]',
  );
  process.exit(1);
}

let clock = 0;
const newId = uuidV7Factory(
  () => ++clock,
  (n) => new Uint8Array(n),
);

/** Turn of one message, as accepted. */
const turnOf = ({ text, observedAt }: Utterance): Turn => ({
  id: newId(),
  project: 'bench',
  event: newId(),
  scope: 'user#bench',
  entities: { user: 'bench' },
  messages: [{ role: 'user', content: text }],
  metadata: {},
  options: { infer: false },
  createdAt: observedAt,
  observedAt,
  state: 'applied',
});

const embedder = createLocalEmbedder();
const embed = await keepVectors(embedder, values.vectors);

/** Positions of the best scores above zero, best first. */
const best = (scores: readonly number[], limit = scores.length): number[] =>
  [...scores.keys()]
    .filter((position) => (scores[position] ?? 0) > 0)
    .sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0))
    .slice(0, limit);

const index = async ({ utterances, questions }: Conversation) => {
  const turns = utterances.map(turnOf);
  const texts = utterances.map(({ text }) => text);
  const memories = turns.map(
    ({ id, observedAt }, i): Candidate => ({
      id,
      terms: searchTerms({ text: texts[i] ?? '', observedAt }),
      observedAt,
      session: id,
      lineage: [id],
      text: utterances[i]?.words ?? '',
      speaker: utterances[i]?.speaker ?? '',
    }),
  );
  const lengths = memories.map(({ terms }) => Object.values(terms).reduce((a, b) => a + b, 0));
  return {
    memories,
    averageLength: lengths.reduce((a, b) => a + b, 0) / lengths.length,
    vectors: await embed(texts),
    asked: await embed(questions.map(({ text }) => text)),
  };
};

type Index = Awaited<ReturnType<typeof index>>;

/** Document frequencies of the whole conversation, as the index keeps them. */
const statisticsOf = ({ memories, averageLength }: Index, terms: readonly string[]) => ({
  documents: memories.length,
  averageLength,
  frequencies: Object.fromEntries(
    terms.map((term) => [
      term,
      memories.filter((memory) => Object.hasOwn(memory.terms, term)).length,
    ]),
  ),
});

const tallies = {
  words: createRecallCounter(),
  meaning: createRecallCounter(),
  fused: createRecallCounter(),
};
let rankingMs = 0;
let ranked = 0;

const ask = (indexed: Index, { text, category, evidence }: Question, at: number): void => {
  const { memories, vectors, asked } = indexed;
  const queryTerms = analyze(text);
  const statistics = statisticsOf(indexed, queryTerms);
  const documents = memories.map(({ terms }) => terms);
  const words = [...lexicalScores(queryTerms, documents, statistics).bm25];
  const cosines = vectors.map((vector) => cosine(vector, asked[at] ?? []));
  const positions = [...new Set([...best(cosines, depth), ...best(words, depth)])];
  const candidates = positions.flatMap((position): Candidate[] => {
    const memory = memories[position];
    return memory ? [{ ...memory, semantic: cosines[position] ?? 0 }] : [];
  });

  const started = performance.now();
  const answer = rank({ query: text, queryTerms, candidates, statistics, model: embedder.model });
  rankingMs += performance.now() - started;
  ranked += candidates.length;

  tallies.words.add(category, evidence, best(words));
  tallies.meaning.add(category, evidence, best(cosines));
  tallies.fused.add(
    category,
    evidence,
    answer.flatMap((found) => positions[found.index] ?? []),
  );
};

let questions = 0;
for (const conversation of readLocomo(file)) {
  const started = performance.now();
  const indexed = await index(conversation);
  for (const [at, question] of conversation.questions.entries()) ask(indexed, question, at);
  questions += conversation.questions.length;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${conversation.name}: ${conversation.utterances.length} turns, ${seconds} s`);
}
await embedder.close();

for (const [name, counter] of Object.entries(tallies))
  console.log([name, ...counter.lines()].join('\n'));
console.log(
  `ranking: ${(rankingMs / questions).toFixed(3)} ms a question, ${Math.round(ranked / questions)} candidates`,
);
console.log(`bench retrieval: recall@10 ${tallies.fused.at10()} % (target ${target} %)`);
