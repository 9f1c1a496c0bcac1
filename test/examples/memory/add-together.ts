import type { AddResult, MemoryOperations, Messages } from '../../../functions/library/index.ts';

interface Failure {
  userId: string;
  reason: unknown;
}

/** Adds a conversation of each user at the same time. A failure of one does not end the others. */
export const addTogether = async (
  memory: MemoryOperations,
  conversations: ReadonlyMap<string, Messages>,
): Promise<{ added: Map<string, AddResult>; failures: Failure[] }> => {
  const users = [...conversations];
  const outcomes = await Promise.allSettled(
    users.map(([userId, messages]) => memory.add(messages, { userId })),
  );
  const added = new Map<string, AddResult>();
  const failures: Failure[] = [];
  for (const [at, [userId]] of users.entries()) {
    const outcome = outcomes[at];
    if (outcome?.status === 'fulfilled') added.set(userId, outcome.value);
    else failures.push({ userId, reason: outcome?.reason });
  }
  return { added, failures };
};
