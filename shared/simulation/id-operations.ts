import { deleteMemory } from '../core/erasure/delete-memory.ts';
import { getMemory } from '../core/memories/read-memories.ts';
import { updateMemory } from '../core/memories/update-memory.ts';
import { parseMessageId } from '../domain/memory/derived-ids.ts';
import type { ScoredMemory } from '../domain/memory/memory.ts';
import { type ClientRun, freshValue, lastTopics, lastTurn } from './client-run.ts';
import { factsIn, textOf } from './fact-language.ts';
import { isMemoryCovered, isTurnCovered, latestOf, type MemoryFacts } from './history.ts';
import { project, readAndCheck, user } from './simulated-service.ts';

/** The id of an acknowledged turn stands for something as long as nothing that it stands for was deleted. */
export const checkIdLives = async ({ service, platform }: ClientRun, id: string): Promise<void> => {
  const found = await getMemory(platform, project, id);
  const facts = service.history.turns.get(id);
  if (found || !facts) return;
  const { turn, cancelledAt, erasedAt } = facts;
  const until = service.scheduler.step();
  if (cancelledAt !== undefined || erasedAt !== undefined) return;
  if (isTurnCovered(service.history.cutoffs, turn, until)) return;
  const stated = Object.values(turn.drawn ?? {}).flatMap((memories) => Object.keys(memories));
  const ids = [turn.id, ...(turn.memoryIds ?? []), ...(turn.closedIds ?? []), ...stated];
  const memories = ids.flatMap((memory) => service.history.memories.get(memory) ?? []);
  const isErased = (memory: MemoryFacts) =>
    memory.deletedBy === 'request' ||
    isMemoryCovered(service.history.cutoffs, latestOf(memory).memory, until);
  if (!memories.some(isErased)) service.report(`the id of turn ${id} stands for nothing`);
};

/** Deletes a message about the client's topics: one that is a result, or the source of one. */
export const deleteOneMessage = async (run: ClientRun): Promise<void> => {
  const { service, platform, client } = run;
  const views = await readAndCheck(service, platform, { kind: 'user', id: user }, 'search');
  const messages = views.flatMap((view) => {
    const { source } = view as ScoredMemory;
    return view.message ? [{ id: view.id, text: view.text }] : source ? [source] : [];
  });
  const topicsOf = (text: string) => factsIn(text).map(({ topic }) => topic);
  const own = messages.filter(({ text }) =>
    topicsOf(text).every((topic) => client.topics.includes(topic)),
  );
  if (own.length === 0) return;
  const { id, text } = service.random.pick(own);
  client.uncertainTopics = topicsOf(text);
  const outcome = await deleteMemory(platform, project, id);
  for (const topic of client.uncertainTopics) client.log.uncertain(topic);
  if (outcome === 'deleted') service.history.deletedMessages.add(id);
  const { turn = '', position = 0 } = parseMessageId(id) ?? {};
  const left = service.history.turns.get(turn)?.turn.messages[position];
  if (outcome === 'deleted' && left && left.content !== '')
    service.report(`the deletion of message ${id} was acknowledged, but not written`);
};

/** Writes another value of the first topic of the last turn under the turn's id. */
export const correctLast = async (run: ClientRun): Promise<void> => {
  const { platform, client } = run;
  const turn = lastTurn(run);
  const topic = lastTopics(client)[0];
  if (!turn || topic === undefined) return;
  const fact = { topic, value: freshValue(run) };
  client.uncertainTopics = lastTopics(client);
  const updated = await updateMemory(platform, project, turn.id, { text: textOf(fact) });
  if (updated.outcome !== 'updated') return;
  // The other topics are no longer said. Once refined, the id stands for a memory of any of them, or of another turn.
  for (const other of client.uncertainTopics)
    if (other !== topic || !updated.memory.rough) client.log.uncertain(other);
  if (!updated.memory.rough) return;
  client.log.added(fact, turn.id);
  client.lastTexts = [textOf(fact)];
};
