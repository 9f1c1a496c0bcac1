import { type AcceptRequest, type AcceptResult, accept } from '../core/accept.ts';
import { deleteAll } from '../core/erasure/delete-all.ts';
import { deleteMemory } from '../core/erasure/delete-memory.ts';
import { cancelEvent, getEvent, retryEvent, waitForEvent } from '../core/events.ts';
import { RetryableError } from '../domain/errors.ts';
import { anyId, type Entities } from '../domain/memory/entities.ts';
import { type ClientRun, freshValue, lastTopics, lastTurn, readMemories } from './client-run.ts';
import {
  changeNotes,
  deleteBatch,
  deleteConcurrently,
  deleteOne,
  editBatch,
  editOne,
} from './client-writes.ts';
import { derive, readDerived } from './derived-operations.ts';
import { type Fact, factsIn, factsOfTurn, retracted, textOf, topics } from './fact-language.ts';
import { checkIdLives, correctLast, deleteOneMessage } from './id-operations.ts';
import type { Operation } from './operations.ts';
import { cancelOneTask, processUser, randomHold } from './processing-operations.ts';
import { project, readAndCheck, type SimulatedService, user } from './simulated-service.ts';

/** The responses do not show which write took effect last. */
class OutcomeUnknown extends Error {}

const entitiesFor = ({ service }: ClientRun): Entities => {
  const { random, scenario } = service;
  return random.chance(scenario.runs) ? { user, run: random.pick(['r1', 'r2']) } : { user };
};

const requestOf = (run: ClientRun, facts: readonly Fact[]): AcceptRequest => {
  const { service, client } = run;
  const key = service.random.chance(0.5) ? `${client.name}#${client.remaining}` : undefined;
  // Every other turn has a message for each fact.
  const isSplit = client.remaining % 2 === 0 && facts.length > 1;
  const texts = isSplit ? facts.map(textOf) : [facts.map(textOf).join(' ')];
  return {
    entities: entitiesFor(run),
    messages: texts.map((content) => ({ role: 'user', content })),
    metadata: {},
    options: { infer: true },
    ...randomHold(service, texts.length),
    ...(key === undefined ? { dedupe: false } : { idempotencyKey: key }),
  };
};

const recordAccepted = ({ service, client }: ClientRun, accepted: AcceptResult): string => {
  if (!('turn' in accepted)) throw new Error(`a request was answered ${accepted.outcome}`);
  const facts = service.history.turns.get(accepted.turn);
  service.checkContext.during('answers', () => {
    if (!facts) service.report(`turn ${accepted.turn} was acknowledged, but nothing was written`);
    else facts.ackedAt ??= service.scheduler.step();
  });
  client.turns.push(accepted.turn);
  return accepted.turn;
};

/** Sends a request. With an idempotency key, resends it up to twice after a retryable error. */
const send = async (run: ClientRun, request: AcceptRequest): Promise<string> => {
  const { platform } = run;
  for (let left = request.idempotencyKey === undefined ? 0 : 2; ; left--) {
    try {
      return recordAccepted(run, await accept(platform, project, request));
    } catch (error) {
      if (!(error instanceof RetryableError) || left === 0) throw error;
    }
  }
};

const addFacts = async (
  run: ClientRun,
  facts: readonly Fact[],
  more: Partial<AcceptRequest> = {},
) => {
  const { client } = run;
  client.uncertainTopics = facts.map(({ topic }) => topic);
  const turn = await send(run, { ...requestOf(run, facts), ...more });
  client.lastTexts = facts.map(textOf);
  for (const fact of facts) client.log.added(fact, turn);
};

const randomFact = (run: ClientRun, value = freshValue(run)): Fact => ({
  topic: run.service.random.pick(run.client.topics),
  value,
});

const deleteAllOf = async (
  { service, platform, client }: ClientRun,
  match: Entities,
): Promise<void> => {
  client.uncertainTopics = client.topics;
  const answer = await deleteAll(platform, project, match);
  if ('limit' in answer) throw new Error('a quota rejected a delete-all');
  await readAndCheck(service, platform, { kind: 'user', id: user }, 'list');
  if (service.random.chance(0.3)) await waitForEvent(platform, project, answer.event, 300);
};

const verbatim =
  (count: number) =>
  async (run: ClientRun): Promise<void> => {
    const { client } = run;
    const texts = Array.from({ length: count }, () => `note ${freshValue(run)}`);
    client.uncertainTopics = [];
    await send(run, {
      ...requestOf(run, []),
      messages: [{ role: 'user', content: texts.join(' ') }],
      options: { infer: false, verbatim: texts },
    });
  };

/** Request with deduplication on: a second copy is recognized. */
const deduplicatedRequest = (run: ClientRun): AcceptRequest => {
  const { dedupe: _, ...request } = requestOf(run, [randomFact(run)]);
  return request;
};

/** Sends the same request twice, concurrently. */
const sendTwice = async (run: ClientRun, request: AcceptRequest): Promise<void> => {
  const { service, client } = run;
  const facts = factsOfTurn(request);
  client.uncertainTopics = facts.map(({ topic }) => topic);
  const sent = await Promise.allSettled([send(run, request), send(run, request)]);
  const acknowledged = sent.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const turns = new Set(acknowledged);
  if (turns.size > 1 && request.idempotencyKey !== undefined)
    service.report(`one idempotency key created ${turns.size} turns`);
  client.lastTexts = facts.map(textOf);
  const [turn] = turns;
  // A request without a response may have become a second turn if it arrived after the deduplication window.
  if (turn === undefined || turns.size > 1 || acknowledged.length < sent.length)
    throw new OutcomeUnknown();
  for (const fact of facts) client.log.added(fact, turn);
};

/** Implementation of each operation. An error leaves the topics of the operation uncertain. */
const operations: { [operation in Operation]: (run: ClientRun) => Promise<unknown> } = {
  add: (run) => addFacts(run, [randomFact(run)]),
  async addTwo(run) {
    const [first = '', second = ''] = run.client.topics;
    await addFacts(run, [
      { topic: first, value: freshValue(run) },
      { topic: second, value: freshValue(run) },
    ]);
  },
  async repeat(run) {
    const { client } = run;
    const lastFacts = client.lastTexts.flatMap(factsIn);
    await addFacts(run, lastFacts.length > 0 ? lastFacts : [randomFact(run)]);
  },
  retract: (run) => addFacts(run, [randomFact(run, retracted)]),
  verbatim: verbatim(2),
  verbatimLarge: verbatim(30),
  async sendTwice(run) {
    const { client, service, platform } = run;
    const request = deduplicatedRequest(run);
    await sendTwice(run, request);
    const turn = client.turns.at(-1);
    const facts = turn === undefined ? undefined : service.history.turns.get(turn);
    if (!facts || service.random.chance(0.5)) return;
    await waitForEvent(platform, project, facts.turn.event, 8_000);
    await sendTwice(run, request);
  },
  edit: editOne,
  editBatch,
  changeNotes,
  delete: deleteOne,
  deleteConcurrently,
  deleteBatch,
  /** Corrects the last turn, which may be refined meanwhile: then the memory that has its id is edited. */
  correct: correctLast,
  deleteMessage: deleteOneMessage,
  async deleteRough(run) {
    const turn = lastTurn(run);
    if (!turn) return;
    const topics = lastTopics(run.client);
    run.client.uncertainTopics = topics;
    await deleteMemory(run.platform, project, turn.id);
    // Once the turn is refined, its id stands for a memory of any of the topics.
    if (run.service.history.turns.get(turn.id)?.appliedAt !== undefined)
      for (const topic of topics) run.client.log.uncertain(topic);
  },
  /** Adds a turn of another user, so that a second scope is refined concurrently. */
  async addOtherUser(run) {
    const { service, platform, client } = run;
    client.uncertainTopics = [];
    const fact = { topic: service.random.pick(topics), value: freshValue(run) };
    await accept(platform, project, { ...requestOf(run, [fact]), entities: { user: 'v' } });
  },
  async cancel(run) {
    const turn = lastTurn(run);
    if (!turn) return;
    run.client.uncertainTopics = lastTopics(run.client);
    await cancelEvent(run.platform, project, turn.event);
  },
  async retry(run) {
    const { service, platform } = run;
    const failed = [...service.history.turns.values()].filter(
      ({ turn }) => turn.state === 'failed',
    );
    if (failed.length > 0)
      await retryEvent(platform, project, service.random.pick(failed).turn.event);
  },
  process: processUser,
  cancelTask: cancelOneTask,
  derive,
  readDerived,
  deleteAllOfUser: (run) => deleteAllOf(run, { user }),
  deleteAllOfRun: (run) => deleteAllOf(run, { run: run.service.random.pick(['r1', 'r2']) }),
  deleteAllOfRuns: (run) => deleteAllOf(run, { run: anyId }),
  read: readMemories,
  async wait(run) {
    const turn = lastTurn(run);
    if (!turn) return;
    await waitForEvent(run.platform, project, turn.event, 400);
    await getEvent(run.platform, project, turn.event);
    await checkIdLives(run, turn.id);
  },
  sleep: ({ service, platform }) => platform.clock.sleep(service.random.below(150_000)),
};

const chooseOperation = ({ random, scenario }: SimulatedService): Operation => {
  const entries = Object.entries(scenario.mix) as [Operation, number][];
  let draw = random.below(entries.reduce((sum, [, weight]) => sum + weight, 0));
  for (const [operation, weight] of entries) {
    draw -= weight;
    if (draw < 0) return operation;
  }
  return 'read';
};

const runOperation = async (run: ClientRun): Promise<void> => {
  const { service, client } = run;
  try {
    await operations[chooseOperation(service)](run);
  } catch (error) {
    for (const topic of client.uncertainTopics) client.log.uncertain(topic);
    if (error instanceof RetryableError || error instanceof OutcomeUnknown) return;
    service.reportBug(error instanceof Error ? (error.stack ?? '') : String(error));
  }
};

/** Runs the client's operations in sequence. A process that takes over after a crash continues with the next one. */
export const runClient = async (run: ClientRun): Promise<void> => {
  const { client } = run;
  for (const topic of client.uncertainTopics) client.log.uncertain(topic);
  while (client.remaining > 0) {
    client.remaining -= 1;
    client.uncertainTopics = [];
    await runOperation(run);
    client.uncertainTopics = [];
  }
};
