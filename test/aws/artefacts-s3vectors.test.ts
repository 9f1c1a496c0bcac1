import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Deployment, deploy } from '../support/aws-artefacts/deployment.ts';
import { grantsOf, isIdle, nameOf, refusedOf } from '../support/aws-artefacts/policy.ts';
import { answerGuangzhou } from '../support/guangzhou-answer.ts';

const headersOf = ({ apiKey }: Deployment) => ({
  authorization: `Token ${apiKey}`,
  'content-type': 'application/json',
});

/** Sends a request with the key of the deployment. Returns the body of its answer. */
const call = async (deployment: Deployment, request: string, body?: unknown) => {
  const [method = '', path = ''] = request.split(' ');
  const answer = await fetch(deployment.url + path, {
    method,
    headers: headersOf(deployment),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(answer.status).toBeLessThan(300);
  const text = await answer.text();
  return text === '' ? undefined : JSON.parse(text);
};

describe('a deployment with S3 Vectors', () => {
  let deployment: Deployment;
  const user_id = 'ada';

  const learn = async (content: string): Promise<string> => {
    const added = await call(deployment, 'POST /v1/turns', {
      messages: [{ role: 'user', content }],
      user_id,
    });
    const event = await call(deployment, `GET /v1/events/${added.event_id}?wait=25`);
    expect(event.status).toBe('SUCCEEDED');
    return event.results[0].id;
  };
  const search = async (query: string): Promise<{ id: string }[]> =>
    (await call(deployment, 'POST /v3/memories/search', { query, filters: { user_id } })).results;
  const vectors = (): string[] => deployment.vectors.keys().flatMap(({ keys }) => keys);
  const isIndexed = (id: string): boolean => vectors().some((key) => key.includes(id));
  const eventually = (holds: () => boolean) =>
    expect.poll(holds, { timeout: 60_000, interval: 200 }).toBe(true);

  beforeAll(async () => {
    deployment = await deploy({
      dynamoDbEndpoint: inject('dynamoDbEndpoint'),
      settings: { TURNSTONE_INDEX: 's3vectors', TURNSTONE_PINECONE_HOST: '' },
      model: { chat: answerGuangzhou },
      secret: JSON.stringify({ openai_api_key: 'sk-test', pinecone_api_key: '' }),
    });
  }, 240_000);
  afterAll(async () => {
    await deployment?.stop();
  }, 60_000);

  it('memories are indexed in the bucket of the stack, found, and removed from it', async () => {
    const lisbon = await learn('I live in Lisbon.');
    const sister = await learn('My sister is called Ines.');
    await eventually(() => [lisbon, sister].every(isIndexed));
    const words = await deployment.countItems('WORDS#');
    const found = await search('Lisbon');
    await call(deployment, `DELETE /v1/memories/${lisbon}/`);
    await eventually(() => !isIndexed(lisbon));
    const after = await search('Do I live in Lisbon, and what is my sister Ines called?');
    await call(deployment, `DELETE /v1/memories/?user_id=${user_id}`);
    await eventually(() => vectors().length === 0);

    expect(words).toBeGreaterThan(0);
    expect(found[0]?.id).toBe(lisbon);
    expect(after.map(({ id }) => id)).not.toContain(lisbon);
    expect(after.map(({ id }) => id)).toContain(sister);
    expect(deployment.pinecone.requests).toEqual([]);
    await expect.poll(() => deployment.countItems('WORDS#'), { timeout: 60_000 }).toBe(0);
  }, 240_000);

  it('the roles of the functions allow every call that was made', () => {
    const refused = refusedOf(deployment.statements(), deployment.accesses());

    expect(refused.map(({ principal, action, resource }) => [principal, action, resource])).toEqual(
      [],
    );
  });

  it('every grant on the vector bucket is needed by a call, except that of a rare one', () => {
    const statements = deployment.statements();
    const accesses = deployment.accesses();

    const grants = grantsOf(statements).filter((grant) => nameOf(grant).includes('s3vectors'));
    const idle = grants.filter((grant) => isIdle(grant, statements, accesses)).map(nameOf);

    // Three actions of the api, four of the worker, and the resource of each.
    expect(grants).toHaveLength(9);
    // A search removes an entry that it finds before the worker has removed it.
    expect(idle.filter((name) => !/^api: s3vectors:DeleteVectors/.test(name))).toEqual([]);
  });

  it('the run leaves no message in a dead-letter queue and no error in a log', () => {
    expect(deployment.deadLetters()).toEqual([]);
    expect(deployment.lines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});
