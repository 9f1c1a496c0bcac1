import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { newGate } from '../../shared/domain/gate.ts';
import { endpointKey, gateKey, secretKey } from '../../shared/domain/keys.ts';
import { describeService } from '../e2e/service.contract.ts';
import { type Deployment, deploy } from '../support/aws-artefacts/deployment.ts';
import { grantsOf, nameOf, refusedOf, without } from '../support/aws-artefacts/policy.ts';
import { startWebhookReceiver } from '../support/aws-artefacts/webhook-receiver.ts';

let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
let deployment: Deployment;

beforeAll(async () => {
  receiver = await startWebhookReceiver();
  deployment = await deploy({
    dynamoDbEndpoint: inject('dynamoDbEndpoint'),
    settings: { TURNSTONE_WEBHOOK_ALLOW: receiver.address },
  });
}, 240_000);

afterAll(async () => {
  await deployment?.stop();
  await receiver.stop();
}, 60_000);

describeService('the synthesized artefacts', async () => ({ ...deployment, stop: async () => {} }));

describe('the synthesized dispatcher', () => {
  it('opens a secret that the key of the stack has sealed, and posts with it', async () => {
    const { store, secretBox, project, url, apiKey } = deployment;
    const now = Date.now();
    const id = `whe_${'1'.repeat(32)}`;
    const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
    const sealed = await secretBox.seal(secret, { project, endpoint: id });
    const endpoint = {
      id,
      project,
      name: 'shop',
      description: '',
      url: receiver.url,
      eventTypes: ['*'],
      filters: {},
      headerNames: [],
      maxInFlight: 1,
      ordered: true,
      status: 'active' as const,
      lastSecret: 1,
      version: 1,
      createdAt: now,
      updatedAt: now,
    };
    await store.transact([
      { op: 'put', key: endpointKey(project, id), item: endpoint },
      { op: 'put', key: gateKey(project, id), item: newGate(endpoint, now) },
      {
        op: 'put',
        key: secretKey(project, id, 1),
        item: { number: 1, sealed, createdAt: now },
      },
    ]);

    await fetch(`${url}/v1/turns`, {
      method: 'POST',
      headers: { authorization: `Token ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'I row.' }], user_id: 'kay' }),
    });

    await expect.poll(() => receiver.letters.length, { timeout: 30_000 }).toBeGreaterThan(1);
    expect(receiver.letters[0]?.headers['webhook-signature']).toMatch(/^v1,/);
  });
});

describe('the roles of the functions', () => {
  /** Grants that are right although nothing here makes use of them. */
  const unseen: readonly [RegExp, string][] = [
    [/: (logs:|arn:aws:logs:)/, 'The service writes what a function prints, with its role.'],
    [/: (xray:|\*$)/, 'The service sends its traces with the role.'],
    [/^api: dynamodb:ConditionCheckItem$/, 'For endpoints as well.'],
    [/^api: kms:|^api: arn:aws:kms:/, 'For endpoints, which no route here registers.'],
  ];

  it('allow every call that was made', () => {
    const refused = refusedOf(deployment.statements(), deployment.accesses());

    expect(refused.map(({ principal, action, resource }) => [principal, action, resource])).toEqual(
      [],
    );
  });

  it('turn this red when any one grant is taken away, save those nothing here can see', () => {
    const statements = deployment.statements();
    const accesses = deployment.accesses();

    const idle = grantsOf(statements)
      .filter((grant) => refusedOf(without(statements, grant), accesses).length === 0)
      .map(nameOf);
    const stale = unseen.filter(([pattern]) => !idle.some((name) => pattern.test(name)));

    expect(idle.filter((name) => !unseen.some(([pattern]) => pattern.test(name)))).toEqual([]);
    expect(stale.map(([, reason]) => reason)).toEqual([]);
  });

  it('leave nothing in a dead-letter queue, and no error in a log', () => {
    const errors = deployment.lines.filter((line) => line.includes('"level":"error"'));

    expect(deployment.deadLetters()).toEqual([]);
    expect(errors).toEqual([]);
  });
});
