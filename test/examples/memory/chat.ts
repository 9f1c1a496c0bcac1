import type OpenAI from 'openai';
import type { MemoryOperations } from '../../../functions/library/index.ts';

/** Answers a message of a user with the help of memories, and remembers both. */
export const chatWithMemories = async (
  memory: MemoryOperations,
  openai: OpenAI,
  message: string,
  userId: string,
): Promise<string> => {
  const { results } = await memory.search(message, { userId, limit: 3 });
  const known = results.map((one) => `- ${one.memory}`).join('\n');
  const completion = await openai.chat.completions.create({
    model: 'gpt-6-luna',
    messages: [
      {
        role: 'system',
        content: `Answer by the question and these memories of the user:\n${known}`,
      },
      { role: 'user', content: message },
    ],
  });
  const answer = completion.choices[0]?.message.content ?? '';

  // The next search finds the turn at once, so the answer does not wait for its refinement.
  await memory.add(
    [
      { role: 'user', content: message },
      { role: 'assistant', content: answer },
    ],
    { userId, wait: false },
  );
  return answer;
};
