import { afterEach, describe, expect, it } from 'vitest';
import { createOpenAiLanguageModel } from '../../shared/adapters/openai/language-model.ts';
import { RetryableError } from '../../shared/domain/errors.ts';
import type { LocalOptions } from '../../shared/platform/local.ts';
import type { DecideRequest, Decision, LanguageModel } from '../../shared/ports/language-model.ts';
import { plainEmbedder, plainLanguageModel } from '../support/fake-models.ts';
import {
  type Client,
  finalEvent,
  openService,
  say,
  type TestService,
} from '../support/in-memory-service.ts';
import { startOpenAiServer } from '../support/openai-server.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const open = async (options: LocalOptions): Promise<TestService> => {
  const service = await openService(options);
  ends.push(service.close);
  return service;
};

const add = async (client: Client, text: string, user: string, more = {}): Promise<string> => {
  const body = { ...say(text, user), ...more };
  return (await client('POST /v3/memories/add', { body })).body.event_id;
};

/** Waits until all work that needs neither time nor a model is done. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
};

const until = async (isSo: () => boolean): Promise<void> => {
  for (let look = 0; look < 1_000 && !isSo(); look++)
    await new Promise((resolve) => setTimeout(resolve, 5));
  expect(isSo()).toBe(true);
};

/** Model that answers when the test says so. */
const createBlockedModel = () => {
  const under: { said: string; answer: () => void }[] = [];
  const begun: string[] = [];
  const languageModel: LanguageModel = {
    ...plainLanguageModel,
    decide: (request: DecideRequest, signal) => {
      const said = request.turns[0]?.messages[0]?.content ?? '';
      begun.push(said);
      return new Promise<Decision>((resolve, reject) => {
        signal.throwIfAborted();
        const answer = () => resolve(plainLanguageModel.decide(request, signal));
        under.push({ said, answer });
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    },
  };
  return {
    languageModel,
    begun,
    underWay: () => under.length,
    /** Answers the calls in progress, in the order of arrival. */
    answer: (count = under.length) => {
      for (const call of under.splice(0, count)) call.answer();
    },
  };
};

describe('with eight calls of the model that hang', () => {
  const hang = async () => {
    const server = await startOpenAiServer({ chat: { fault: 'hang' } });
    ends.push(server.close);
    const service = await open({
      languageModel: createOpenAiLanguageModel({ apiKey: 'key', baseUrl: server.url, model: 'm' }),
    });
    const { client } = service;
    const waiting: string[] = [];
    for (let user = 0; user < 12; user++)
      waiting.push(await add(client, 'I like tea.', `user-${user}`));
    await until(() => server.chats().length === 8);
    const statuses = async () =>
      Promise.all(waiting.map(async (id) => (await client(`GET /v1/events/${id}`)).body.status));
    return { client, server, service, statuses };
  };
  const areOpen = (statuses: string[]) => statuses.every((s) => s === 'PENDING' || s === 'RUNNING');

  it('a verbatim add and a delete-all finish while eight calls of the model hang', async () => {
    const { client, server, statuses } = await hang();

    const kept = await finalEvent(
      client,
      await add(client, 'Tea at five.', 'bob', { infer: false }),
    );
    const { body } = await client('DELETE /v1/memories?user_id=bob');
    const gone = await finalEvent(client, body.event_id);

    expect([kept.status, gone.status]).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    expect(areOpen(await statuses())).toBe(true);
    expect(server.requests.filter(({ abandoned }) => abandoned)).toEqual([]);
  });

  it('forty verbatim adds of as many users finish while eight calls of the model hang', async () => {
    const { client, statuses } = await hang();

    const ids = await Promise.all(
      Array.from({ length: 40 }, (_, n) => add(client, 'Tea.', `other-${n}`, { infer: false })),
    );
    const done = await Promise.all(ids.map((id) => finalEvent(client, id)));

    expect(new Set(done.map(({ status }) => status))).toEqual(new Set(['SUCCEEDED']));
    expect(areOpen(await statuses())).toBe(true);
  });

  it('a verbatim turn behind a waiting turn of its scope keeps its order', async () => {
    const { client, service } = await hang();

    // The response comes once the turn is refined; meanwhile the list of events has it.
    const answer = add(client, 'Tea at five.', 'user-0', { infer: false });
    await settled();
    const { body } = await client('GET /v1/events?page_size=1');

    expect(body.results).toMatchObject([{ status: 'PENDING', user_id: 'user-0' }]);
    await service.close();
    await answer.catch(() => {});
  });
});

describe('calls of the language model', () => {
  it('calls of the language model are limited by the setting', async () => {
    const model = createBlockedModel();
    const { client } = await open({ modelConcurrency: 3, languageModel: model.languageModel });
    for (let user = 0; user < 10; user++) await add(client, 'I like tea.', `user-${user}`);

    await until(() => model.underWay() === 3);
    await settled();

    expect(model.underWay()).toBe(3);
    model.answer();
    await until(() => model.underWay() === 3);
    while (model.begun.length < 10) {
      model.answer();
      await settled();
    }
    model.answer();
  });

  it('a new user gets a call of the language model before the second call of others', async () => {
    const model = createBlockedModel();
    const languageModel = { ...model.languageModel, batch: { turns: 4, characters: 100_000 } };
    const { client } = await open({ languageModel });
    for (let turn = 0; turn < 20; turn++)
      for (let user = 0; user < 8; user++) await add(client, `Tea ${turn}.`, `user-${user}`);
    await until(() => model.underWay() === 8);

    const id = await add(client, 'I am new.', 'newcomer');
    await settled();
    const before = model.begun.length;
    model.answer(1);
    await until(() => model.begun.length > before);
    const next = model.begun[before];
    model.answer();
    const event = finalEvent(client, id);
    const ending = setInterval(() => model.answer(), 5);

    expect(before).toBe(8);
    expect(next).toBe('I am new.');
    expect((await event).status).toBe('SUCCEEDED');
    await until(() => model.begun.filter((said) => said.startsWith('Tea')).length >= 40);
    clearInterval(ending);
  });

  it('calls of the language model go to projects round robin, however many users of one wait', async () => {
    const model = createBlockedModel();
    const service = await open({ modelConcurrency: 1, languageModel: model.languageModel });
    const other = await service.clientOf('other');
    for (let user = 0; user < 12; user++) await add(service.client, 'Many.', `user-${user}`);
    await until(() => model.underWay() === 1);
    await settled();

    await add(other, 'Few.', 'someone');
    await settled();
    for (let call = 0; call < 2; call++) {
      const before = model.begun.length;
      model.answer();
      await until(() => model.begun.length > before);
    }

    expect(model.begun.slice(0, 3)).toContain('Few.');
    const ending = setInterval(() => model.answer(), 5);
    await until(() => model.begun.length === 13);
    clearInterval(ending);
    model.answer();
  });
});

describe('an embedder that hangs', () => {
  const hanging = { ...plainEmbedder, embed: () => new Promise<never>(() => {}) };

  it('an embedder that hangs delays no verbatim text', async () => {
    const service = await openService({ embedder: hanging });
    const { client } = service;

    const ids = await Promise.all(
      Array.from({ length: 20 }, (_, n) => add(client, `Tea at ${n}.`, `u${n}`, { infer: false })),
    );
    const done = await Promise.all(ids.map((id) => finalEvent(client, id)));
    const again = await finalEvent(
      client,
      await add(client, 'Cake at six.', 'u0', { infer: false }),
    );
    const { body } = await client('GET /v1/memories?user_id=u0');

    expect(new Set(done.map(({ status }) => status))).toEqual(new Set(['SUCCEEDED']));
    expect(again.status).toBe('SUCCEEDED');
    expect(JSON.stringify(body)).toContain('Cake at six.');
  });

  it('an embedder that hangs or fails does not keep a text from being found by its words at once', async () => {
    const failing = {
      ...plainEmbedder,
      embed: async () => {
        throw new RetryableError('embedder_unavailable', 'The embedder is down.');
      },
    };
    const { client } = await open({ embedder: failing });

    await finalEvent(client, await add(client, 'Tea at five.', 'bob', { infer: false }));
    const { body } = await client('POST /v3/memories/search', {
      body: { query: 'tea', filters: { user_id: 'bob' } },
    });

    expect(body.results).toMatchObject([{ memory: 'Tea at five.' }]);
    expect(body.results[0]).not.toMatchObject({ type: 'rough' });
  });

  it('an embedder is called for the vector afterwards', async () => {
    const embedded: string[] = [];
    const embedder = {
      ...plainEmbedder,
      embed: (texts: readonly string[]) => {
        embedded.push(...texts);
        return plainEmbedder.embed(texts);
      },
    };
    const { client } = await open({ embedder });

    const event = await finalEvent(
      client,
      await add(client, 'Tea at five.', 'bob', { infer: false }),
    );
    await until(() => embedded.includes('Tea at five.'));

    expect(event.status).toBe('SUCCEEDED');
  });
});
