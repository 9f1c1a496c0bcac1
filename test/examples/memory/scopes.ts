import type { MemoryOperations } from '../../../functions/library/index.ts';

/** Adds what belongs to a user, an agent and a run, and counts the memories that each id finds, alone and together. */
export const scopes = async (memory: MemoryOperations) => {
  const ids = { userId: 'ana', agentId: 'travel-agent', runId: 'trip-2026' };
  await memory.add('I live in Oslo.', { userId: ids.userId });
  await memory.add('I am allergic to nuts.', ids);

  const countOf = async (scope: Partial<typeof ids>) => (await memory.getAll(scope)).count;
  return {
    user: await countOf({ userId: ids.userId }),
    agent: await countOf({ agentId: ids.agentId }),
    run: await countOf({ runId: ids.runId }),
    userOfAgent: await countOf({ userId: ids.userId, agentId: ids.agentId }),
    otherUser: await countOf({ userId: 'ben', agentId: ids.agentId }),
  };
};
