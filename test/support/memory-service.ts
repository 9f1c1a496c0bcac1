import type { LocalOptions } from '../../shared/platform/local.ts';
import { type Answer, finalEvent, openService } from './in-memory-service.ts';
import { createScriptedModel } from './scripted-model.ts';

type Words = string | object[];

const messagesOf = (words: Words): object[] =>
  typeof words === 'string' ? [{ role: 'user', content: words }] : words;

/** The service with a language model that the test scripts, and requests about the memories of one user. */
export const openMemoryService = async (options: LocalOptions & { refines?: boolean } = {}) => {
  const model = createScriptedModel();
  const service = await openService({ languageModel: model, ...options });
  const { client } = service;

  const add = async (
    words: Words,
    fields: object = {},
  ): Promise<{ turn: string; event: string }> => {
    const body = { messages: messagesOf(words), user_id: 'alice', ...fields };
    const added = (await client('POST /v1/turns', { body })).body;
    return { turn: added.turn_id, event: added.event_id };
  };

  const found = async (query: string, fields: object = {}): Promise<Answer['body'][]> => {
    const body = { query, filters: { user_id: 'alice' }, ...fields };
    return (await client('POST /v3/memories/search', { body })).body.results;
  };

  return {
    ...service,
    model,
    /** Adds a turn. Returns its id and that of its event. */
    add,
    /** Adds a turn and waits until it is refined. Returns its id. */
    async learn(words: Words, fields: object = {}): Promise<string> {
      const { turn, event } = await add(words, fields);
      const { status } = await finalEvent(client, event);
      if (status !== 'SUCCEEDED') throw new Error(`The event of the turn is ${status}.`);
      return turn;
    },
    /** Results of a search. */
    found,
    /** Texts of the results of a search. */
    textsFound: async (query: string, fields: object = {}): Promise<string[]> =>
      (await found(query, fields)).map(({ memory }) => memory),
    /** Memories of a list, newest first. */
    async listed(fields: object = {}): Promise<Answer['body'][]> {
      const body = { filters: { user_id: 'alice' }, ...fields };
      return (await client('POST /v3/memories', { body })).body.results;
    },
    get: (id: string): Promise<Answer> => client(`GET /v1/memories/${id}`),
    put: (id: string, body: object): Promise<Answer> => client(`PUT /v1/memories/${id}`, { body }),
    remove: (id: string): Promise<Answer> => client(`DELETE /v1/memories/${id}`),
    history: (id: string): Promise<Answer> => client(`GET /v1/memories/${id}/history`),
  };
};
export type MemoryService = Awaited<ReturnType<typeof openMemoryService>>;
