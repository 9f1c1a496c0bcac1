import { deleteMemories, deleteMemory } from '../core/erasure/delete-memory.ts';
import { giveFeedback } from '../core/memories/give-feedback.ts';
import { updateMemories } from '../core/memories/update-memories.ts';
import { updateMemory } from '../core/memories/update-memory.ts';
import type { MemoryView } from '../domain/memory/memory.ts';
import { memoryKey } from '../domain/table/keys.ts';
import {
  type ClientRun,
  freshValue,
  isRefined,
  ownMemories,
  readMemories,
  topicOf,
} from './client-run.ts';
import { textOf } from './fact-language.ts';
import { project } from './simulated-service.ts';

const checkDeleted = ({ service }: ClientRun, id: string): void => {
  const facts = service.history.memories.get(id);
  if (facts && facts.deletedAt === undefined)
    service.report(`the deletion of memory ${id} was acknowledged, but not written`);
};

const remove = async (run: ClientRun, view: MemoryView): Promise<void> => {
  const { platform, client } = run;
  const topic = topicOf(view);
  client.uncertainTopics = [...client.uncertainTopics, topic];
  if ((await deleteMemory(platform, project, view.id)) !== 'deleted') return;
  checkDeleted(run, view.id);
  client.log.deleted(topic, view.id);
};

/** Deletes a random memory of the client's topics. */
export const deleteOne = async (run: ClientRun): Promise<void> => {
  const own = await ownMemories(run);
  if (own.length > 0) await remove(run, run.service.random.pick(own));
};

export const deleteConcurrently = async (run: ClientRun): Promise<void> => {
  const own = (await ownMemories(run)).slice(0, 2);
  const removed = await Promise.allSettled(own.map((view) => remove(run, view)));
  for (const one of removed) if (one.status === 'rejected') throw one.reason;
};

/** Deletes all memories of the client's topics in one batch, the first of them twice, and perhaps its last turn. */
export const deleteBatch = async (run: ClientRun): Promise<void> => {
  const { service, platform, client } = run;
  const own = await ownMemories(run);
  const [first] = own;
  const turn = service.random.chance(0.3) ? client.turns.slice(-1) : [];
  if (turn.length > 0) client.uncertainTopics = client.topics;
  else client.uncertainTopics = own.map(topicOf);
  const ids = [...own.map(({ id }) => id), ...turn, ...(first ? [first.id] : [])];
  const outcomes = await deleteMemories(platform, project, ids);
  if (first && outcomes.at(-1) !== 'not_found')
    service.report(`a batch deleted memory ${first.id} twice`);
  for (const [index, view] of own.entries()) {
    if (outcomes[index] !== 'deleted') continue;
    checkDeleted(run, view.id);
    client.log.deleted(topicOf(view), view.id);
  }
  // The turn may have been refined before, so the values of its topics are unknown.
  if (turn.length > 0) for (const topic of client.topics) client.log.uncertain(topic);
};

const editedText = (run: ClientRun, view: MemoryView): string =>
  textOf({ topic: topicOf(view), value: freshValue(run) });

/** Gives feedback on a memory. Returns its reason once it is acknowledged. */
const rate = async (run: ClientRun, id: string): Promise<string | undefined> => {
  const reason = `reason ${freshValue(run)}`;
  const feedback = { value: 'NEGATIVE' as const, reason };
  const outcome = await giveFeedback(run.platform, project, id, feedback);
  return outcome === 'given' ? reason : undefined;
};

/** Acknowledged feedback stays with the memory, whatever else is written, until the memory is deleted or rated anew. */
const checkFeedback = ({ service }: ClientRun, id: string, reason: string): void => {
  const memory = service.table.get(memoryKey(project, id));
  const { versions = [] } = service.history.memories.get(id) ?? {};
  const reasons = versions.map((version) => version.memory.feedback?.reason);
  const current = memory?.feedback?.reason;
  const isOlder = reasons.indexOf(current) < reasons.indexOf(reason);
  if (memory?.state === 'live' && (current === undefined || isOlder))
    service.report(`the feedback on memory ${id} was acknowledged, but is lost`);
  if (memory?.state === 'deleted' && memory.feedback)
    service.report(`the feedback on memory ${id} outlived the memory`);
};

export const editOne = async (run: ClientRun): Promise<void> => {
  const { platform, client, service } = run;
  const own = await ownMemories(run);
  if (own.length === 0) return;
  const view = service.random.pick(own);
  const text = editedText(run, view);
  client.uncertainTopics = [topicOf(view)];
  const rated = service.random.chance(0.7) ? rate(run, view.id) : undefined;
  const [edited, given] = await Promise.allSettled([
    updateMemory(platform, project, view.id, { text }),
    rated,
  ]);
  if (given.status === 'rejected') throw given.reason;
  if (given.value !== undefined) checkFeedback(run, view.id, given.value);
  if (edited.status === 'rejected') throw edited.reason;
  const updated = edited.value;
  if (updated.outcome === 'updated') client.log.edited(topicOf(view), view.id, text);
};

/** Edits all memories of the client's topics in one batch, the first of them twice. */
export const editBatch = async (run: ClientRun): Promise<void> => {
  const { platform, client } = run;
  const own = await ownMemories(run);
  client.uncertainTopics = own.map(topicOf);
  const updates = [...own, ...own.slice(0, 1)].map((view) => ({
    view,
    id: view.id,
    edit: { text: editedText(run, view) },
  }));
  const outcomes = await updateMemories(platform, project, updates);
  for (const [index, { view, edit }] of updates.entries())
    if (outcomes[index] === 'updated') client.log.edited(topicOf(view), view.id, edit.text);
};

/** Edits or deletes some of the notes that were stored word for word, in one batch. */
export const changeNotes = async (run: ClientRun): Promise<void> => {
  const { service, platform } = run;
  const { random } = service;
  const notes = (await readMemories(run)).filter((view) => isRefined(view) && topicOf(view) === '');
  const chosen = notes.filter(() => random.chance(0.7));
  if (random.chance(0.4)) {
    const edit = { text: `note ${freshValue(run)}` };
    await updateMemories(
      platform,
      project,
      chosen.map(({ id }) => ({ id, edit })),
    );
    return;
  }
  const outcomes = await deleteMemories(
    platform,
    project,
    chosen.map(({ id }) => id),
  );
  for (const [index, { id }] of chosen.entries())
    if (outcomes[index] === 'deleted') checkDeleted(run, id);
};
