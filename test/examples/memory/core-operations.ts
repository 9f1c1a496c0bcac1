import type { MemoryOperations } from '../../../functions/library/index.ts';

/** Adds, searches, lists, reads, changes and deletes. Returns what each operation saw. */
export const coreOperations = async (memory: MemoryOperations, userId: string) => {
  const added = await memory.add(
    [
      { role: 'user', content: 'I am vegetarian. I live in Oslo.' },
      { role: 'assistant', content: 'Noted.' },
    ],
    { userId, metadata: { source: 'chat' } },
  );
  const found = await memory.search('what does she eat?', { userId, topK: 3, threshold: 0.1 });
  const listed = await memory.getAll({ userId });
  const id = added.results[0]?.id ?? '';
  const read = await memory.get(id);
  const updated = await memory.update(id, 'User is vegan.');
  const history = await memory.history(id);
  await memory.delete(id);
  const rest = await memory.getAll({ userId });
  await memory.deleteAll({ userId });
  const empty = await memory.getAll({ userId });
  return { added, found, listed, read, updated, history, rest, empty };
};
