import { createOpenAiLanguageModel } from '../../shared/adapters/openai/language-model.ts';
import type { LocalOptions } from '../../shared/platform/local.ts';
import { finalEvent, openService } from './in-memory-service.ts';
import { startOpenAiServer } from './openai-server.ts';

const none = { turn: 1, target: null, text: null, date: null, message: null, reason: null };

/** The service with a language model that answers as if a message had talked it into it. */
export const openObedient = async (options: LocalOptions = {}) => {
  const server = await startOpenAiServer();
  const languageModel = createOpenAiLanguageModel({ baseUrl: server.url, model: 'gpt-test' });
  const service = await openService({ languageModel, ...options });
  const { client } = service;

  /** Adds a turn, and resolves with its final event. */
  const add = async (messages: readonly object[], fields: object = {}, as = client) => {
    const body = { user_id: 'alice', messages, ...fields };
    const { event_id } = (await as('POST /v3/memories/add', { body })).body;
    return finalEvent(as, event_id);
  };

  return {
    ...service,
    server,
    add,
    /** The next answer of the model. */
    obey(...changes: object[]): void {
      const content = JSON.stringify({
        changes: changes.map((change) => ({ ...none, ...change })),
      });
      server.chatNext({ content });
    },
    /** Adds facts of alice, each by a turn of its own. */
    async know(...facts: string[]): Promise<void> {
      for (const content of facts) await add([{ role: 'user', content }]);
    },
    /** Texts of the live memories of a user, sorted. */
    async memoriesOf(user = 'alice', as = client): Promise<string[]> {
      const body = { filters: { user_id: user } };
      const { results } = (await as('POST /v3/memories/', { body })).body;
      return results.map(({ memory }: { memory: string }) => memory).sort();
    },
    async close(): Promise<void> {
      await service.close();
      await server.close();
    },
  };
};
export type Obedient = Awaited<ReturnType<typeof openObedient>>;
