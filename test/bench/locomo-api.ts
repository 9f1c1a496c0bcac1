import { parseArgs } from 'node:util';
import { type Conversation, readLocomo } from './locomo.ts';
import { createRecallCounter } from './recall-at.ts';
import { openSettledService, type SettledService } from './settled-service.ts';

// LoCoMo through the HTTP API: turn recall of whole conversations, once each turn is as it was said, and once refined.
const target = { at10: 78, mrr: '.62' };
const topK = 20;

const { values, positionals } = parseArgs({
  options: { conversations: { type: 'string' }, questions: { type: 'string' } },
  allowPositionals: true,
});
const [file] = positionals;
if (!file) {
  console.error(
    'Usage: npm run bench:locomo -- <locomo file> [--conversations <first n>] [--questions <first n of each>]',
  );
  process.exit(1);
}
const countOf = (text: string | undefined): number =>
  text === undefined ? Infinity : Number(text);
const maxConversations = countOf(values.conversations);
const maxQuestions = countOf(values.questions);

/** `rough`: the model is down and the turns are indexed as they were said. `refined`: by the embedded rules. */
const counters = { rough: createRecallCounter(), refined: createRecallCounter() };

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

/** Asks all questions. A memory counts for the turn in its metadata: of several turns, for the latest. */
const askAll = async (
  service: SettledService,
  { name, questions }: Conversation,
  stage: keyof typeof counters,
): Promise<void> => {
  for (const { text, category, evidence } of questions.slice(0, maxQuestions)) {
    const found = await service.search(text, name, { top_k: topK, threshold: 0 });
    counters[stage].add(
      category,
      evidence,
      found.map(({ metadata }) => Number(metadata?.['turn'])),
    );
  }
};

const secondsSince = (started: number): string =>
  `${((performance.now() - started) / 1_000).toFixed(1)} s`;

for (const conversation of readLocomo(file).slice(0, maxConversations)) {
  const started = performance.now();
  const service = await openSettledService();
  service.pause(true);
  const events = await addAll(service, conversation);
  await service.settle();
  await askAll(service, conversation, 'rough');
  const rough = secondsSince(started);
  service.pause(false);
  await service.settle();
  await service.requireSuccess(events);
  await askAll(service, conversation, 'refined');
  await service.close();
  const turns = conversation.utterances.length;
  console.log(
    `${conversation.name}: ${turns} turns, rough after ${rough}, refined after ${secondsSince(started)}`,
  );
}

for (const [stage, counter] of Object.entries(counters))
  console.log([stage, ...counter.lines()].join('\n'));
const { rough, refined } = counters;
console.log(
  `bench locomo, rough: turn recall@10 ${rough.at10()} %, MRR ${rough.mrr()} (target ${target.at10} %, ${target.mrr})`,
);
console.log(
  `bench locomo: turn recall@10 ${refined.at10()} %, MRR ${refined.mrr()} (target ${target.at10} %, ${target.mrr})`,
);
