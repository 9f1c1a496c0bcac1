import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parseMessageId } from '../../shared/domain/memory/derived-ids.ts';
import { writeChart } from './bar-chart.ts';
import { type Conversation, readLocomo } from './locomo.ts';
import { askPeerForTurns, plainBm25 } from './locomo-peers.ts';
import { observationsModel } from './observations-model.ts';
import { isPeerInstalled } from './programs.ts';
import { createRecallCounter, createShares } from './recall-at.ts';
import type { Label } from './relevance/dataset.ts';
import { type AskedQuery, appendQueries, itemsOf, retrieveFor } from './relevance/feature-rows.ts';
import { openSettledService, type Result, type SettledService } from './settled-service.ts';

// LoCoMo through the HTTP API: turn recall of whole conversations, once each turn is as it was said, and once refined.
const target = { at10: 82, mrr: 0.67 };
const topK = 20;

const { values, positionals } = parseArgs({
  options: {
    conversations: { type: 'string' },
    questions: { type: 'string' },
    skip: { type: 'string' },
    refined: { type: 'boolean', default: false },
    observations: { type: 'boolean', default: false },
    vectors: { type: 'string' },
    features: { type: 'string' },
    chart: { type: 'string' },
  },
  allowPositionals: true,
});
const [file] = positionals;
if (!file) {
  console.error(
    'Usage: npm run bench:locomo -- <locomo file> [--skip <n>] [--conversations <next n>] [--questions <first n of each>]\n' +
      '  [--refined | --observations] [--vectors <file to keep vectors in>] [--features <file>] [--chart <svg file>]\n' +
      '--refined leaves out the rough stage; --observations refines by the facts of the file. --features appends the inputs of the ranking for fit:relevance.',
  );
  process.exit(1);
}
const countOf = (text: string | undefined): number =>
  text === undefined ? Infinity : Number(text);
const maxConversations = countOf(values.conversations);
const maxQuestions = countOf(values.questions);
/** The model of observations cannot be paused. */
const isRefinedOnly = values.refined || values.observations;
const skipped = Number(values.skip ?? 0);

if (values.features !== undefined) rmSync(values.features, { force: true });

/** `rough`: the model is down and the turns are indexed as they were said. `refined`: by the embedded rules. */
const counters = { rough: createRecallCounter(), refined: createRecallCounter() };
/** Plain BM25 over the turns, and mem0ai/oss with the memories and the embedder of the service. */
const others = { bm25: createRecallCounter(), peer: createRecallCounter() };

const shares = createShares();

/** Tokens of context blocks whose evidence is measured. */
const budgets = [1_500, 4_000];
/** Results by whose order sessions are ranked. */
const topForSessions = 200;
const topSessions = 10;

const addAll = async (
  service: SettledService,
  { name, utterances }: Conversation,
): Promise<string[]> => {
  const events: string[] = [];
  for (const [turn, { speaker, words, session, observedAt }] of utterances.entries())
    events.push(
      await service.add({
        user_id: name,
        run_id: `${name} ${session}`,
        timestamp: new Date(observedAt).toISOString(),
        messages: [{ role: 'user', name: speaker, content: words }],
        metadata: { turn },
      }),
    );
  return events;
};

type TurnOf = (result: Pick<Result, 'metadata' | 'source'>) => number;

/** A result counts for the turn in its metadata: of several turns, for the latest. */
const turnInMetadata: TurnOf = ({ metadata }) => Number(metadata?.['turn']);

/** A result that shows its source counts for the turn of that message. */
const turnOfSource =
  (turns: readonly string[]): TurnOf =>
  (result) => {
    const source = result.source && parseMessageId(result.source.id);
    return source ? turns.indexOf(source.turn) : turnInMetadata(result);
  };

const askAll = async (
  service: SettledService,
  { name, questions }: Conversation,
  stage: keyof typeof counters,
  turnOf: TurnOf,
): Promise<void> => {
  for (const { text, category, evidence } of questions.slice(0, maxQuestions)) {
    const found = await service.search(text, name, { top_k: topK, threshold: 0 });
    counters[stage].add(category, evidence, found.map(turnOf));
  }
};

/** Asks the same questions of plain BM25 and of the peer. */
const askOthers = async (service: SettledService, conversation: Conversation): Promise<void> => {
  const questions = conversation.questions.slice(0, maxQuestions);
  const bm25 = plainBm25(conversation);
  for (const { text, category, evidence } of questions)
    others.bm25.add(category, evidence, bm25(text));
  const memories = await service.list(conversation.name);
  const found = await askPeerForTurns(
    memories.map(({ memory, metadata }) => ({ text: memory, turn: Number(metadata?.['turn']) })),
    questions.map(({ text }) => text),
    topK,
    values.vectors,
  );
  for (const [at, { category, evidence }] of questions.entries())
    if (found) others.peer.add(category, evidence, found[at] ?? []);
};

/** Share of the evidence that is among these turns. */
const shareOf = (evidence: ReadonlySet<number>, turns: Iterable<number>): number => {
  const found = new Set(turns);
  return [...evidence].filter((turn) => found.has(turn)).length / evidence.size;
};

/**
 * Asks for the context of each question as an agent does: the share of the evidence whose words are in the block, by its memories and
 * their sources. Then ranks sessions by their best message: the share of the evidence's sessions among the best ten.
 */
const askForContext = async (
  service: SettledService,
  { name, questions, utterances }: Conversation,
  turns: readonly string[],
): Promise<void> => {
  const turnOf = turnOfSource(turns);
  const sessionOf = (turn: number): string => utterances[turn]?.session ?? '';
  for (const { text, evidence } of questions.slice(0, maxQuestions)) {
    const found = await service.search(text, name, { top_k: topForSessions, threshold: 0 });
    const sessions = [...new Set(found.map((result) => sessionOf(turnOf(result))))];
    const best = new Set(sessions.slice(0, topSessions));
    const wanted = [...new Set([...evidence].map(sessionOf))];
    const share = wanted.filter((session) => best.has(session)).length / wanted.length;
    shares.add(`sessions recall@${topSessions}`, share);
    const known = new Map(found.map((result) => [result.id, turnOf(result)]));
    for (const budget of budgets) {
      const { memories } = await service.context(text, name, budget);
      const shown = memories.flatMap(({ id }) => known.get(id) ?? []);
      shares.add(`evidence within ${budget} tokens`, shareOf(evidence, shown));
    }
  }
};

/** Hits that a search for `topK` results asks of the index. */
const depth = 100;

/** Appends the inputs of all candidates of each question. */
const writeFeatures = async (
  service: SettledService,
  { name, questions }: Conversation,
  to: string,
): Promise<void> => {
  const queries: AskedQuery[] = [];
  for (const { text, evidence } of questions.slice(0, maxQuestions)) {
    const { request, names } = await retrieveFor(service, name, text, depth, ({ view }) =>
      String(view.metadata['turn']),
    );
    const labels = new Map([...evidence].map((turn): [string, Label] => [String(turn), 'right']));
    const items = itemsOf(request, names, labels, 'unrelated');
    queries.push({ bench: 'locomo', owner: name, query: text, items });
  }
  appendQueries(to, queries);
};

const secondsSince = (started: number): string =>
  `${((performance.now() - started) / 1_000).toFixed(1)} s`;

for (const conversation of readLocomo(file).slice(skipped, skipped + maxConversations)) {
  const started = performance.now();
  const service = await openSettledService(values.vectors, () =>
    values.observations ? { languageModel: observationsModel(conversation) } : {},
  );
  service.pause(!isRefinedOnly);
  const events = await addAll(service, conversation);
  await service.settle();
  if (!isRefinedOnly) await askAll(service, conversation, 'rough', turnInMetadata);
  const rough = secondsSince(started);
  service.pause(false);
  await service.settle();
  const turns = await service.requireSuccess(events);
  await askAll(service, conversation, 'refined', turnOfSource(turns));
  await askForContext(service, conversation, turns);
  await askOthers(service, conversation);
  if (values.features !== undefined) await writeFeatures(service, conversation, values.features);
  await service.close();
  const { length } = conversation.utterances;
  console.log(
    `${conversation.name}: ${length} turns, rough after ${rough}, refined after ${secondsSince(started)}`,
  );
}

const { rough, refined } = counters;
if (!isRefinedOnly) console.log(['rough', ...rough.lines()].join('\n'));
console.log(['refined', ...refined.lines()].join('\n'));
console.log(['plain BM25 over the turns', ...others.bm25.lines()].join('\n'));
console.log(
  isPeerInstalled()
    ? ['mem0ai/oss with the same memories and embedder', ...others.peer.lines()].join('\n')
    : 'mem0ai/oss is not installed, so nothing is compared with it: npm run bench:setup.',
);
if (!isRefinedOnly)
  console.log(
    `bench locomo, rough: turn recall@10 ${rough.at10()} %, MRR ${rough.mrr()} (target ${target.at10} %, ${target.mrr})`,
  );
console.log(`refined: ${shares.line()} (targets 86 % within 1500 tokens, sessions 94 %)`);
const beside = isPeerInstalled()
  ? `; mem0ai/oss ${others.peer.at10()} %, ${others.peer.mrr()}`
  : '';
console.log(
  `bench locomo${values.observations ? ', observations' : ''}: turn recall@10 ${refined.at10()} %, MRR ${refined.mrr()} (target ${target.at10} %, ${target.mrr}); plain BM25 ${others.bm25.at10()} %, ${others.bm25.mrr()}${beside}`,
);
writeChart(values.chart, {
  title: `LoCoMo through the API, refined by ${values.observations ? 'observations' : 'the embedded rules'}, in percent`,
  series: ['recall@5', 'recall@10', 'recall@20', 'MRR x 100'],
  rows: [
    ...refined.chartRows(),
    others.bm25.totalRow('all, plain BM25'),
    ...(isPeerInstalled() ? [others.peer.totalRow('all, mem0ai/oss')] : []),
  ],
  targets: [undefined, target.at10, undefined, 100 * target.mrr],
});
