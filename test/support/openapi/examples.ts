import { exampleIds } from '../../../functions/api/openapi/example-ids.openapi.ts';
import { type Client, finalEvent, say } from '../in-memory-service.ts';
import type { Planted } from '../planted-service.ts';
import type { DocumentedRoute } from './document.ts';

/** Text that the examples look for. */
const fact = 'I am vegetarian and eat rice.';

/** Adds what the examples read: memories of the user that they name. */
export const addFacts = async ({ client }: Planted): Promise<void> => {
  const named = { agent_id: 'ana', app_id: 'ana', run_id: 'ana' };
  const body = { ...say(fact, 'ana'), ...named, infer: false };
  const { status } = await client('POST /v3/memories/add', { body });
  if (status !== 200) throw new Error(`The facts were answered ${status}.`);
};

const addTurn = async (client: Client, content: string): Promise<string> => {
  const body = say(content, crypto.randomUUID());
  return (await client('POST /v1/turns', { body })).body.event_id;
};

const createBase = async (client: Client): Promise<string> => {
  const body = { knowledgebase_name: 'Handbook' };
  return (await client('POST /api/openmem/v1/create/knowledgebase', { body })).body.data.id;
};

/** Returns an id of the service for an id of the examples; a new item for one that an example deletes or ends. */
const seededId = async (name: string, id: string, planted: Planted): Promise<string> => {
  const { client, register, receiver, clientOf } = planted;
  switch (name) {
    case 'project':
      return 'default';
    case 'organization':
      return (await client('GET /v1/ping')).body.org_id;
    case 'user':
    case 'otherUser':
      return id;
    case 'memory':
      return planted.memories[0] ?? '';
    case 'event':
      return planted.event;
    case 'failedEvent':
      return (await finalEvent(client, await addTurn(client, 'FAIL'))).event_id;
    case 'task':
      return (await client(`POST /v1/users/${crypto.randomUUID()}/process`)).body.task_id;
    case 'waitingTask': {
      const user = crypto.randomUUID();
      await client('POST /v1/turns', { body: say('WAIT', user) });
      return (await client(`POST /v1/users/${user}/process`)).body.task_id;
    }
    case 'waitingEvent':
      return addTurn(client, 'WAIT');
    case 'endpoint':
      return planted.endpoint;
    case 'delivery':
      return planted.delivery;
    case 'recovery':
      return planted.recovery;
    case 'url':
      return `${receiver.url}/example`;
    case 'export':
      return planted.exported;
    case 'profileJob':
      return planted.profileJob;
    case 'knowledgebase':
      return planted.knowledgebase;
    case 'otherKnowledgebase':
      return createBase(client);
    case 'otherFile': {
      const body = {
        knowledgebase_id: await createBase(client),
        file: [{ name: 'a.txt', content: 'data:text/plain,Breakfast%20at%20seven.' }],
      };
      const added = await client('POST /api/openmem/v1/add/knowledgebase-file', { body });
      return added.body.data[0].id;
    }
    case 'otherMemory': {
      const body = { ...say(`${fact} ${crypto.randomUUID()}`, 'dan'), infer: false };
      return (await client('POST /v3/memories/add', { body })).body.results[0].id;
    }
    case 'otherEndpoint':
      return (await register()).id;
    case 'key': {
      const admin = await clientOf('default', ['read', 'write', 'admin']);
      return (await admin('POST /v1/keys', { body: {} })).body.id;
    }
    default:
      throw new Error(`There is no data for ${name}.`);
  }
};

const fill = async (text: string, planted: Planted): Promise<string> => {
  let filled = text;
  for (const [name, id] of Object.entries(exampleIds)) {
    const isWhole = name !== 'project' && filled.includes(id);
    if (isWhole) filled = filled.replaceAll(id, await seededId(name, id, planted));
  }
  return filled;
};

/** Request of the example of a route, with ids of the service. */
export const exampleRequest = async (
  { method, path, operation }: DocumentedRoute,
  planted: Planted,
) => {
  const { parameters, requestBody } = operation;
  const given = parameters.flatMap(({ name, in: place, example }) =>
    example === undefined ? [] : [{ name, place, example }],
  );
  const target = given
    .filter(({ place }) => place === 'path')
    .reduce((filled, { name, example }) => filled.replace(`{${name}}`, example), path);
  const query = new URLSearchParams(
    given
      .filter(({ place }) => place === 'query')
      .map(({ name, example }): [string, string] => [name, example]),
  );
  const headers = Object.fromEntries(
    given.filter(({ place }) => place === 'header').map(({ name, example }) => [name, example]),
  );
  const body = requestBody?.content['application/json'].example;
  const search = query.size === 0 ? '' : `?${query}`;
  return {
    request: `${method.toUpperCase()} ${await fill(target + search, planted)}`,
    call: {
      headers,
      ...(body === undefined
        ? {}
        : { body: JSON.parse(await fill(JSON.stringify(body), planted)) }),
    },
  };
};
