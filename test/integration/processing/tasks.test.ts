import { afterEach, describe, expect, it } from 'vitest';
import { plainLanguageModel } from '../../support/fake-models.ts';
import {
  type Client,
  openService,
  say,
  type TestService,
} from '../../support/in-memory-service.ts';

let service: TestService;
afterEach(() => service.close());

const open = async (options: Parameters<typeof openService>[0] = {}): Promise<Client> => {
  service = await openService(options);
  return service.client;
};

const hold = { auto_process: false };

/** Adds a turn that waits. */
const add = (client: Client, content: string, fields: object = hold) =>
  client('POST /v1/turns', { body: { ...say(content), ...fields } });

const texts = async (client: Client, user = 'alice') => {
  const { body } = await client('POST /v3/memories', { body: { filters: { user_id: user } } });
  return body.results
    .map(({ type, memory }: { type: string; memory: string }) => `${type} ${memory}`)
    .sort();
};

/** A model that never answers until the test lets it. */
const slowModel = () => {
  const answered = Promise.withResolvers<void>();
  const decide: typeof plainLanguageModel.decide = async (request, signal) => {
    await answered.promise;
    return plainLanguageModel.decide(request, signal);
  };
  return { languageModel: { ...plainLanguageModel, decide }, answer: answered.resolve };
};

describe('processing on request', () => {
  it('a request answers 202 with the task, and the task ends with its count', async () => {
    const client = await open();
    await add(client, 'one');
    await add(client, 'two');
    const before = await texts(client);

    const asked = await client('POST /v1/users/alice/process');
    const ended = await client(`GET /v1/tasks/${asked.body.task_id}?wait=10`);

    expect(before).toEqual(['rough user: one', 'rough user: two']);
    expect(asked).toMatchObject({ status: 202, body: { user_id: 'alice', knowledge_count: 0 } });
    expect(ended.body).toMatchObject({
      task_id: asked.body.task_id,
      user_id: 'alice',
      status: 'completed',
      knowledge_count: 2,
      error: null,
      done: true,
    });
    expect(await texts(client)).not.toEqual(before);
  });

  it('with wait a request answers 200 with the count', async () => {
    const client = await open();
    await add(client, 'one');

    const asked = await client('POST /v1/users/alice/process?wait=10');

    expect(asked).toMatchObject({ status: 200, body: { status: 'completed', knowledge_count: 1 } });
  });

  it('a request with nothing to do has completed with a count of zero', async () => {
    const client = await open();

    const asked = await client('POST /v1/users/nobody/process');

    expect(asked).toMatchObject({
      status: 202,
      body: { status: 'completed', knowledge_count: 0, done: true },
    });
  });

  it('a flush behind a running task covers what was accepted since', async () => {
    const { languageModel, answer } = slowModel();
    const client = await open({ languageModel });
    await add(client, 'one');
    const first = await client('POST /v1/users/alice/process');
    await add(client, 'two');

    const late = await client('POST /v1/users/alice/flush', { body: { timeout: 0 } });
    answer();
    const flushed = await client('POST /v1/users/alice/flush');
    const { body } = await client(`GET /v1/tasks/${late.body.task_id}?wait=10`);

    expect(late).toMatchObject({ status: 202, body: { timed_out: true, done: false } });
    expect(flushed).toMatchObject({ status: 200, body: { status: 'completed', timed_out: false } });
    expect(body).toMatchObject({ status: 'completed', knowledge_count: 2 });
    expect(late.body.task_id).not.toBe(first.body.task_id);
  });

  it('a wait that times out cancels nothing', async () => {
    const { languageModel, answer } = slowModel();
    const client = await open({ languageModel });
    await add(client, 'one', {});

    const waited = await client('POST /v1/users/alice/wait', { body: { timeout: 0.01 } });
    answer();
    const { body } = await client('POST /v1/users/alice/wait', { body: { timeout: 10 } });

    expect(waited).toMatchObject({ status: 200, body: { timed_out: true, done: false } });
    expect(body).toMatchObject({ status: 'completed', knowledge_count: 1, timed_out: false });
  });

  it('a wait starts nothing', async () => {
    const client = await open();
    await add(client, 'one');

    const { body } = await client('POST /v1/users/alice/wait');

    expect(body).toMatchObject({ status: 'completed', knowledge_count: 0, timed_out: false });
    expect(await texts(client)).toEqual(['rough user: one']);
  });

  it('a failure is a failed task with its error, not a count of zero', async () => {
    const client = await open({
      refineSchedule: [],
      languageModel: {
        ...plainLanguageModel,
        decide: async () => ({
          ok: false,
          code: 'model_refusal',
          message: 'The model refused.',
          retryable: false,
          about: 'turn',
          usage: { prompt: 0, completion: 0 },
        }),
      },
    });
    await add(client, 'one');

    const { body } = await client('POST /v1/users/alice/process?wait=10');

    expect(body).toMatchObject({ status: 'failed', done: true, error: { code: 'model_refusal' } });
  });

  it('a cancelled task is done, and its turns wait again', async () => {
    const { languageModel } = slowModel();
    const client = await open({ languageModel, refines: false });
    await add(client, 'one');
    const { body: task } = await client('POST /v1/users/alice/process');

    const cancelled = await client(`POST /v1/tasks/${task.task_id}/cancel`);
    const again = await client(`POST /v1/tasks/${task.task_id}/cancel`);

    expect(cancelled).toMatchObject({ status: 200, body: { status: 'cancelled', done: true } });
    expect(again).toMatchObject({ status: 409, body: { code: 'task_final' } });
    expect(await texts(client)).toEqual(['rough user: one']);
  });

  it('tasks of a user are listed, newest first, by pages', async () => {
    const client = await open({ refines: false });
    await add(client, 'one');
    const first = await client('POST /v1/users/alice/process');
    await add(client, 'two');
    const second = await client('POST /v1/users/alice/process');

    const page = await client('GET /v1/users/alice/tasks?limit=1');
    const rest = await client(
      `GET /v1/users/alice/tasks?limit=1&after=${encodeURIComponent(page.body.cursor)}`,
    );

    const ids = [...page.body.results, ...rest.body.results].map(({ task_id: id }) => id);
    expect(ids).toEqual([second.body.task_id, first.body.task_id]);
  });

  it('an id with a slash, encoded or not, names the same user', async () => {
    const client = await open();
    await client('POST /v1/turns', { body: { ...say('one', 'org/ana#1'), ...hold } });

    const encoded = await client('POST /v1/users/org%2Fana%231/process?wait=10');
    const plain = await client('GET /v1/users/org/ana%231/tasks');

    expect(encoded.body).toMatchObject({ user_id: 'org/ana#1', knowledge_count: 1 });
    expect(plain.body.results).toHaveLength(1);
  });

  it.each([
    ['GET /v1/tasks/0199f3c1-5a10-7c2e-8d4b-1f6a90b3c706', 404, 'task_not_found'],
    ['POST /v1/tasks/0199f3c1-5a10-7c2e-8d4b-1f6a90b3c706/cancel', 404, 'task_not_found'],
    ['GET /v1/tasks/mine', 400, 'invalid_id'],
    ['POST /v1/users/%20/process', 400, 'invalid_request'],
    ['POST /v1/users/alice/process?wait=soon', 400, 'invalid_request'],
    ['GET /v1/users/alice/tasks?after=nowhere', 400, 'invalid_request'],
  ])('%s is answered %i %s', async (request, status, code) => {
    const client = await open();

    expect(await client(request)).toMatchObject({ status, body: { code } });
  });

  it('the id of an add, and of another project’s task, is not found', async () => {
    const client = await open({ refines: false });
    const added = await add(client, 'one');
    const { body: task } = await client('POST /v1/users/alice/process');
    const stranger = await service.clientOf('other');

    expect((await client(`GET /v1/tasks/${added.body.event_id}`)).status).toBe(404);
    expect((await stranger(`GET /v1/tasks/${task.task_id}`)).status).toBe(404);
    expect((await stranger(`POST /v1/tasks/${task.task_id}/cancel`)).status).toBe(404);
    expect((await stranger('GET /v1/users/alice/tasks')).body.results).toEqual([]);
  });

  it('a key without the read permission sees neither the user nor a text', async () => {
    await open({ refines: false });
    const writer = await service.clientOf('default', ['write']);

    const { body } = await writer('POST /v1/users/alice/process');

    expect(body).not.toHaveProperty('user_id');
    expect((await writer(`GET /v1/tasks/${body.task_id}`)).status).toBe(403);
  });
});

describe('deleting a user', () => {
  it('a deletion answers with its counts, and ends the tasks of the user', async () => {
    const client = await open();
    await client('POST /v3/memories/add', { body: { ...say('I like tea.'), async_mode: false } });
    await add(client, 'one');
    await client('PUT /v1/users/alice/settings', { body: { batch_threshold: 5 } });

    const deleted = await client('DELETE /v1/users/alice');

    expect(deleted).toMatchObject({
      status: 200,
      body: { status: 'SUCCEEDED', counts: { memories: 1, turns: 1 } },
    });
    expect(await texts(client)).toEqual([]);
    expect((await client('GET /v1/users/alice/settings')).body.own).toEqual([]);
  });

  it('work under way brings nothing back, and its task is cancelled', async () => {
    const { languageModel, answer } = slowModel();
    const client = await open({ languageModel });
    await add(client, 'one');
    const { body: task } = await client('POST /v1/users/alice/process');

    await client('DELETE /v1/users/alice');
    answer();
    const { body } = await client(`GET /v1/tasks/${task.task_id}?wait=10`);
    await client('POST /v1/users/alice/flush');

    expect(body).toMatchObject({ status: 'cancelled', knowledge_count: 0 });
    expect(await texts(client)).toEqual([]);
  });
});
