import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../in-memory-service.ts';
import { type Actor, type Kept, noteDeleted } from './actor.ts';
import { checkGet, checkHistory, checkRun, checkSearch } from './checks.ts';

type Operation = (actor: Actor) => Promise<void>;

const textOf = (word: string, rank: number): string => `${word} likes tea number ${rank}.`;

const message = (content: string) => ({ role: 'user', content });

const ownersOf = ({ user, run }: Actor) => ({ user_id: user, run_id: run });

const pick = ({ kept, random }: Actor): Kept | undefined =>
  kept.size === 0 ? undefined : random.pick([...kept.values()]);

/** Calls an operation with a memory of the actor, or adds one if there is none. */
const withMemory =
  (operate: (actor: Actor, kept: Kept) => Promise<void>): Operation =>
  async (actor) => {
    const kept = pick(actor);
    await (kept ? operate(actor, kept) : addVerbatim(actor));
  };

/** Results of an add, also of one that was not over within 25 s behind other turns of its user. */
const resultsOf = async (actor: Actor, added: Answer['body']): Promise<{ id: string }[]> => {
  for (let { results } = added; ; await sleep(100)) {
    if (results) return results;
    const { body: event } = await actor.call(`GET /v1/event/${added.event_id}`);
    if (event.status === 'SUCCEEDED') results = event.results;
    if (event.status === 'FAILED') return [];
  }
};

const addVerbatim: Operation = async (actor) => {
  const words = Array.from({ length: 1 + actor.random.below(3) }, actor.newWord);
  const metadata = { owner: actor.name, rank: 0 };
  const texts = words.map((word) => textOf(word, 0));
  const { status, body } = await actor.call('POST /v3/memories/add', {
    ...{ messages: texts.map(message), ...ownersOf(actor), metadata, infer: false },
  });
  if (status !== 200) return;
  for (const [at, { id }] of (await resultsOf(actor, body)).entries()) {
    const kept = { word: words[at] ?? '', texts: [texts[at] ?? ''], metadata, verbatim: true };
    actor.kept.set(id, { id, ...kept, event: body.event_id });
  }
};

const addInferred: Operation = async (actor) => {
  const word = actor.newWord();
  const metadata = { owner: actor.name, rank: 0 };
  const texts = [textOf(word, 0)];
  const { status, body } = await actor.call('POST /v1/turns', {
    ...{ messages: texts.map(message), ...ownersOf(actor), metadata },
  });
  if (status >= 300) return;
  const kept = { id: body.turn_id, word, texts, metadata, verbatim: false, event: body.event_id };
  actor.kept.set(kept.id, kept);
};

const update = withMemory(async (actor, kept) => {
  const rank = kept.metadata.rank + 1;
  const metadata = { owner: actor.name, rank };
  const text = textOf(kept.word, rank);
  const { status } = await actor.call(`PUT /v1/memories/${kept.id}`, { text, metadata });
  if (status !== 200) return;
  kept.texts.push(text);
  kept.metadata = metadata;
  await checkGet(actor, kept);
});

const someOf = (actor: Actor): Kept[] => {
  const all = [...actor.kept.values()];
  const from = actor.random.below(all.length);
  return all.slice(from, from + 1 + actor.random.below(5));
};

const batchUpdate: Operation = async (actor) => {
  const some = someOf(actor);
  if (some.length === 0) return;
  const rankOf = (kept: Kept): number => kept.texts.length + 1_000;
  const memories = some.map((kept) => ({
    memory_id: kept.id,
    text: textOf(kept.word, rankOf(kept)),
  }));
  const { status } = await actor.call('PUT /v1/batch', { memories });
  if (status !== 200) return;
  for (const kept of some) kept.texts.push(textOf(kept.word, rankOf(kept)));
};

const remove = withMemory(async (actor, kept) => {
  const { status } = await actor.call(`DELETE /v1/memories/${kept.id}`);
  if (status !== 200) return;
  noteDeleted(actor, [kept]);
  const { status: after } = await actor.call(`GET /v1/memories/${kept.id}`, undefined, [404]);
  if (after !== 404) actor.report(`GET of ${kept.id} after its deletion is ${after}`);
});

const batchDelete: Operation = async (actor) => {
  const some = someOf(actor);
  if (some.length === 0) return;
  const memories = some.map(({ id }) => ({ memory_id: id }));
  const { status } = await actor.call('DELETE /v1/batch', { memories });
  if (status === 200) noteDeleted(actor, some);
};

/** Deletes all memories of the run. Too many delete-alls at once are refused by 429. */
const removeAll: Operation = async (actor) => {
  const { user, run, name, random } = actor;
  const path = random.pick([
    `/v1/memories?run_id=${run}`,
    `/v1/memories?user_id=${user}&run_id=${run}`,
    `/v1/memories?run_id=${run}&metadata=${encodeURIComponent(JSON.stringify({ owner: name }))}`,
    `/v2/entities/run/${run}`,
  ]);
  const { status } = await actor.call(`DELETE ${path}`, undefined, [404, 429]);
  if (status === 200) noteDeleted(actor, [...actor.kept.values()]);
  await checkRun(actor);
};

/** Cancels an add. An add that is over keeps its memory and answers 409. */
const cancel = withMemory(async (actor, kept) => {
  const { status } = await actor.call(`POST /v1/events/${kept.event}/cancel`, {}, [409]);
  if (status === 200) noteDeleted(actor, [kept]);
});

const readEvents = withMemory(async (actor, kept) => {
  const { body } = await actor.call(`GET /v1/event/${kept.event}`);
  if (body.status === 'FAILED') actor.report(`the event ${kept.event} failed: ${body.error}`);
  await actor.call('GET /v1/events?page_size=50');
});

const readEntities: Operation = async (actor) => {
  await actor.call('GET /v1/entities?page_size=50');
  await actor.call('POST /v1/users', { user_id: actor.user, metadata: { by: actor.name } });
  await actor.call(`GET /v2/entities/user/${actor.user}`);
};

const useProject: Operation = async (actor) => {
  const { body: ping } = await actor.call('GET /v1/ping');
  const path = `/api/v1/orgs/organizations/${ping.org_id}/projects/${ping.project_id}`;
  await actor.call(`PATCH ${path}`, { description: `By ${actor.name}.` });
  await actor.call(`GET ${path}`);
};

const giveFeedback = withMemory(async (actor, kept) => {
  const feedback = actor.random.pick(['POSITIVE', 'NEGATIVE', 'VERY_NEGATIVE', null]);
  const opinion = { memory_id: kept.id, feedback, feedback_reason: 'So it is.' };
  const { status } = await actor.call('POST /v1/feedback', opinion);
  if (status === 200) kept.feedback = feedback;
});

/** Exports the run. Too many jobs at once are refused by 429. */
const startExport: Operation = async (actor) => {
  const properties = { memory: { type: 'string' }, created_at: { type: 'string' } };
  const order = { filters: { run_id: actor.run }, schema: { type: 'object', properties } };
  const { status, body } = await actor.call('POST /v1/exports', order, [429]);
  if (status === 201) actor.exported = body.id;
};

/** Reads the latest export. An export that is under way answers 409. */
export const readExport: Operation = async (actor) => {
  if (actor.exported === undefined) return startExport(actor);
  const lookup = { memory_export_id: actor.exported };
  await actor.call('POST /v1/exports/get', lookup, [404, 409]);
};

const derive: Operation = async (actor) => {
  await actor.call(`GET /v1/context?query=tea&run_id=${actor.run}`);
  await actor.call('POST /v1/summary', { filters: { run_id: actor.run } });
  await actor.call('GET /v1/stats');
};

const searchUser: Operation = async (actor) => {
  const filters = { user_id: actor.user };
  await actor.call('POST /v3/memories/search', { query: 'Who likes tea?', filters, top_k: 50 });
};

const listUser: Operation = async (actor) => {
  const filters = { user_id: actor.user };
  await actor.call('POST /v3/memories?page_size=100', { filters });
};

const weighted: readonly [number, Operation][] = [
  [12, addVerbatim],
  [10, addInferred],
  [14, update],
  [4, batchUpdate],
  [8, remove],
  [3, batchDelete],
  [1, removeAll],
  [3, cancel],
  [12, withMemory(checkGet)],
  [8, withMemory(checkHistory)],
  [10, withMemory(checkSearch)],
  [6, checkRun],
  [4, searchUser],
  [4, listUser],
  [4, readEvents],
  [2, readEntities],
  [1, useProject],
  [4, giveFeedback],
  [1, startExport],
  [2, readExport],
  [2, derive],
];

const deck = weighted.flatMap(
  ([weight, operation]) => Array(weight).fill(operation) as Operation[],
);
/** Memories above which an actor deletes more than it adds: fewer than a page of a list holds. */
const crowded = 60;

/** Runs one random operation of an actor. */
export const operate: Operation = (actor) =>
  actor.kept.size > crowded
    ? actor.random.pick([remove, batchDelete, removeAll])(actor)
    : actor.random.pick(deck)(actor);
