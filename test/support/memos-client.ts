import type { Answer, Client } from './in-memory-service.ts';

const prefix = '/api/openmem/v1';

/** Messages of the example in the documentation of MemOS. */
export const guangzhou = [
  {
    role: 'user',
    content:
      "I've planned to travel to Guangzhou during the summer vacation. What chain hotels are available for accommodation?",
  },
  { role: 'assistant', content: 'You can consider [7 Days Inn, Ji Hotel, Hilton], and so on.' },
  { role: 'user', content: "I'll choose 7 Days Inn." },
  { role: 'assistant', content: 'Okay, ask me if you have any other questions.' },
].map((message) => ({ ...message, chat_time: '09:44 AM on 10 December, 2025 UTC' }));

export const saying = (content: string, fields: object = {}) => ({
  user_id: 'ana',
  conversation_id: '0610',
  messages: [{ role: 'user', content }],
  ...fields,
});

/** Calls the routes of the MemOS surface. */
export const memosClient = (client: Client) => {
  const call = (path: string, body: object): Promise<Answer> =>
    client(`POST ${prefix}/${path}`, { body });
  const data = async (path: string, body: object): Promise<Answer['body']> => {
    const answer = await call(path, body);
    if (answer.body.code !== 0) throw new Error(JSON.stringify(answer.body));
    return answer.body.data;
  };
  const added = (body: object) => data('add/message', body);
  const task = (id: string) => data('get/status', { task_id: id });
  return {
    call,
    data,
    added,
    task,
    /** Adds, and waits until the task has ended. */
    async learnt(body: object): Promise<Answer['body']> {
      const { task_id } = await added(body);
      await client(`GET /v1/events/${task_id}?wait=25`);
      return task(task_id);
    },
    search: (query: string, fields: object = {}) =>
      data('search/memory', { user_id: 'ana', query, ...fields }),
    get: (path: string) => client(`GET ${prefix}/${path}`),
  };
};
export type MemosClient = ReturnType<typeof memosClient>;
