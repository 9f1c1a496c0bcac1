import type { MemoryOperations, ProcessTask } from '../../../functions/library/index.ts';

const exchanges: readonly (readonly [user: string, assistant: string])[] = [
  ['I live in Oslo.', 'A fine city.'],
  ['I work as a nurse.', 'That is hard work.'],
  ['I play the cello.', 'How long have you played?'],
  ['My sister is called Eva.', 'A short name.'],
  ['I am vegetarian.', 'I will keep that in mind.'],
];

/** Stores a conversation without refining it: searches find it as it was said. */
export const converse = async (memory: MemoryOperations, userId: string): Promise<void> => {
  for (const [user, assistant] of exchanges) await memory.addExchange(userId, user, assistant);
};

/** Refines what was said, and waits for it. */
export const processAndWait = async (memory: MemoryOperations, userId: string): Promise<number> => {
  await converse(memory, userId);
  return memory.process(userId);
};

/** Refines what was said while the program goes on. */
export const processInBackground = async (
  memory: MemoryOperations,
  userId: string,
): Promise<{ task: ProcessTask; found: number; count: number }> => {
  await converse(memory, userId);
  const task = memory.processAsync(userId);
  const { results } = await memory.search('where does she live?', { userId });
  const count = await task.wait();
  return { task, found: results.length, count };
};

/** With `autoProcess` the fifth exchange makes ten messages, which are refined by themselves. */
export const converseWithAutoProcess = async (
  memory: MemoryOperations,
  userId: string,
): Promise<number> => {
  await converse(memory, userId);
  return memory.waitForProcessing(userId, { timeout: 60 });
};

/** Refines the rest at the end of a conversation, fewer messages than the threshold. */
export const finishConversation = async (
  memory: MemoryOperations,
  userId: string,
): Promise<number> => {
  await memory.addExchange(userId, 'I moved to Bergen.', 'When was that?');
  return memory.flush(userId);
};
