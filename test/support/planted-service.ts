import { RetryableError, TerminalError } from '../../shared/domain/errors.ts';
import { plainLanguageModel } from './fake-models.ts';
import { type Answer, finalEvent, say } from './in-memory-service.ts';
import { memosClient } from './memos-client.ts';
import { eventually, openWebhookService, settled } from './webhook-service.ts';

/** Planted texts that only some keys may see. */
export const planted = {
  /** Texts in memories, turns, entity ids, and names and descriptions of endpoints. */
  text: 'PLANTED-TEXT',
  /** Texts in URLs of endpoints. */
  token: 'PLANTED-TOKEN-0123456789',
  /** Texts in responses of receivers. */
  answer: 'PLANTED-ANSWER',
};

const user = `${planted.text}-user`;

/** Starts a service with a planted text wherever a route could show it. */
export const plant = async () => {
  const service = await openWebhookService({
    refineSchedule: [3_600],
    webhookSchedule: [0],
    languageModel: {
      ...plainLanguageModel,
      decide: (request, signal) => {
        const said = JSON.stringify(request.turns);
        if (said.includes('FAIL')) throw new TerminalError('model_refused', planted.text);
        if (said.includes('WAIT')) throw new RetryableError('model_unreachable', planted.text);
        return plainLanguageModel.decide(request, signal);
      },
    },
  });
  const { client, receiver } = service;

  const memory = async (what: string): Promise<string> => {
    const body = { ...say(`${planted.text} ${what}`, user), infer: false };
    return (await client('POST /v3/memories/add/', { body })).body.results[0].id;
  };
  const turn = async (what: string): Promise<string> => {
    const body = {
      ...say(`${planted.text} ${what}`, `${user}-${what}`),
      metadata: { mark: planted.text },
    };
    return (await client('POST /v1/turns', { body })).body.event_id;
  };
  const register = (path: string, fields: object = {}): Promise<Answer['body']> =>
    service.register({
      url: `${receiver.url}/${path}`,
      name: planted.text,
      description: planted.text,
      filters: { user_id: [user] },
      ...fields,
    });

  const url = `${planted.token}?key=${planted.token}`;
  receiver.usually({
    status: 400,
    headers: { 'x-answer': planted.answer },
    body: planted.answer,
  });
  const endpoint: string = (await register(url)).id;
  const other: string = (await register(url)).id;
  for (const kind of ['agent', 'app', 'run'])
    await client(`POST /v1/${kind}s`, { body: { [`${kind}_id`]: 'created' } });
  const memories = [await memory('one'), await memory('two'), await memory('three')];
  const event = await turn('plain');
  await finalEvent(client, event);
  const failed = await turn('FAIL');
  await finalEvent(client, failed);
  const waiting = await turn('WAIT');
  await settled(client, other);
  const [{ id: delivery }] = await settled(client, endpoint);
  // A receiver that answers 410 disables its endpoint, which the other endpoints are notified of.
  const gone: string = (await register(url, { filters: null, event_types: ['event.pending'] })).id;
  receiver.usually({ status: 200 });
  receiver.next({ status: 410 });
  await turn('gone');
  await eventually(client, `GET /v1/endpoints/${gone}`, ({ status }) => status === 'disabled');
  await eventually(client, 'GET /v1/notifications', ({ results: notifications }) =>
    notifications.some(({ type }: Answer['body']) => type === 'endpoint.disabled'),
  );
  const body = { since: '2020-01-01' };
  const { body: task } = await client(`POST /v1/users/${user}-WAIT/process`);
  const recovery = (await client(`POST /v1/endpoints/${endpoint}/recover`, { body })).body.id;
  const exporting = await client('POST /v1/exports/', {
    body: { schema: { properties: { memory: {} } }, filters: { user_id: user } },
  });
  const exported: string = exporting.body.id;
  await finalEvent(client, exported);
  const generating = await client('POST /v2/profiles/jobs', {
    body: { operation: 'trigger', entity_type: 'user', entity_id: user },
  });
  const profileJob: string = generating.body.job_id;
  await finalEvent(client, profileJob);
  const memos = memosClient(client);
  const named = { knowledgebase_name: planted.text };
  const { id: knowledgebase } = await memos.data('create/knowledgebase', named);
  const [{ id: file, task_id: reading }] = await memos.data('add/knowledgebase-file', {
    knowledgebase_id: knowledgebase,
    file: [{ name: planted.text, content: `data:text/plain,${planted.text} in a file.` }],
  });
  await finalEvent(client, reading);
  const ids = {
    knowledgebase,
    file,
    endpoint,
    other,
    gone,
    memories,
    event,
    failed,
    waiting,
    task: task.task_id,
    delivery,
    recovery,
    exported,
    profileJob,
  };
  const { org_id: organization } = (await client('GET /v1/ping')).body;
  return { ...service, ...ids, organization, user };
};
export type Planted = Awaited<ReturnType<typeof plant>>;
