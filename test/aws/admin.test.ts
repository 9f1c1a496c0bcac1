import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import { createAuthenticator } from '../../shared/core/projects/api-keys.ts';
import { getOrCreateProject } from '../../shared/core/projects/projects.ts';
import { put } from '../../shared/core/steps.ts';
import {
  eventKey,
  eventListing,
  jobKey,
  pendingKey,
  settingKey,
  turnKey,
} from '../../shared/domain/table/keys.ts';
import { startCloudFormationServer } from '../support/cloudformation-server.ts';
import { openTable } from '../support/dynamodb-table.ts';
import { startSecretServer } from '../support/secret-server.ts';
import { runScript } from '../support/service.ts';

const stack = 'turnstone-night';
const SecretArn = 'arn:aws:secretsmanager:local:000000000000:secret:model-keys';

const deploy = async () => {
  const { client, table } = await openTable();
  const secrets = await startSecretServer();
  secrets.secrets.set(SecretArn, '{"openai_api_key":"","pinecone_api_key":""}');
  const formation = await startCloudFormationServer(stack, { TableName: table, SecretArn });
  const store = createDynamoDbStore({
    client,
    table,
    clock: systemClock,
    ids: createIds(systemClock),
  });
  return {
    secrets,
    formation,
    store,
    authenticate: createAuthenticator({ store, clock: systemClock }),
  };
};

let deployed: Awaited<ReturnType<typeof deploy>>;
beforeAll(async () => {
  deployed = await deploy();
}, 60_000);
afterAll(async () => {
  await Promise.all([deployed.formation.stop(), deployed.secrets.stop(), deployed.store.close()]);
});

const admin = async (args: string[], more: NodeJS.ProcessEnv = {}) => {
  const { ended, out, err } = runScript(
    'admin',
    {
      AWS_REGION: 'local',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_DYNAMODB: inject('dynamoDbEndpoint'),
      AWS_ENDPOINT_URL_CLOUDFORMATION: deployed.formation.endpoint,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: deployed.secrets.endpoint,
      ...more,
    },
    ...args,
  );
  return { code: await ended, out: out() + err() };
};

describe('npm run admin', () => {
  it('a key created by the admin command is accepted by the deployed API, listed, and revoked', async () => {
    const created = await admin(['keys', 'create', '--stack', stack, '--name', 'first']);
    const [key = ''] = created.out.split('\n');
    const principal = await deployed.authenticate(key);
    const [, id = ''] = /^Key (\S+) of/m.exec(created.out) ?? [];
    const listed = await admin(['keys', 'list', '--stack', stack]);
    const revoked = await admin(['keys', 'revoke', id, '--stack', stack]);

    expect(created.code).toBe(0);
    expect(principal).toMatchObject({ permissions: ['read', 'write'] });
    expect(listed.out).toContain(id);
    expect(revoked.out).toContain('is revoked');
  });

  it('the admin command writes the keys of the environment into the secret and keeps the others', async () => {
    const before = await admin(['secret', '--stack', stack], { PINECONE_API_KEY: 'pc-1' });
    const after = await admin(['secret', '--stack', stack], { OPENAI_API_KEY: 'sk-1' });

    const kept: unknown = JSON.parse(deployed.secrets.secrets.get(SecretArn) ?? '');
    expect([before.code, after.code]).toEqual([0, 0]);
    expect(kept).toEqual({ openai_api_key: 'sk-1', pinecone_api_key: 'pc-1' });
    expect(before.out + after.out).not.toMatch(/pc-1|sk-1/);
  });

  it('the admin command retries the failed events of the stack in bulk', async () => {
    const before = await admin(['retry-failed', '--since', '2d', '--stack', stack]);
    const project = await getOrCreateProject(
      { store: deployed.store, clock: systemClock, ids: createIds(systemClock) },
      'retries',
    );
    const now = Date.now();
    const key = eventKey(project.id, 'evt');
    const listing = eventListing(project.id, 'evt', now);
    const turn = { id: 'trn', project: project.id, event: 'evt', scope: 'user#a', entities: {} };
    await deployed.store.transact([
      put(key, {
        id: 'evt',
        project: project.id,
        kind: 'ADD',
        status: 'FAILED',
        stage: 'finished',
        entities: {},
        turn: 'trn',
        attempts: 3,
        timings: {},
        tokens: { prompt: 0, completion: 0 },
        error: { code: 'model_unavailable', message: 'Out.', retryable: true },
        createdAt: now,
        updatedAt: now,
        completedAt: now,
        ...listing,
      }),
      put(turnKey(project.id, 'trn'), {
        ...turn,
        messages: [],
        metadata: {},
        options: { infer: true },
        createdAt: now,
        observedAt: now,
        state: 'failed',
      }),
    ]);

    const after = await admin(['retry-failed', '--since', '2d', '--stack', stack]);

    expect(before).toMatchObject({ code: 0, out: expect.stringContaining('Retried 0;') });
    expect(after).toMatchObject({ code: 0, out: expect.stringContaining('Retried 1;') });
    expect(await deployed.store.get(key)).toMatchObject({ status: 'PENDING' });
    expect(await deployed.store.get(pendingKey(project.id, 'user#a', 'trn'))).toBeDefined();
  });

  it('an unknown stack is reported in one sentence', async () => {
    const { code, out } = await admin(['keys', 'list', '--stack', 'nowhere']);

    expect(code).toBe(1);
    expect(out.trim()).toBe(
      'The stack nowhere cannot be looked up: Stack with id nowhere does not exist',
    );
  });

  it('the admin command starts jobs that index everything of the stack again', async () => {
    const { store } = deployed;
    const ids = createIds(systemClock);
    const project = await getOrCreateProject({ store, clock: systemClock, ids }, 'indexed');
    const early = await admin(['reindex', '--stack', stack]);
    await store.transact([put(settingKey('index-layout'), { value: 'n=1' })]);
    const started = await admin(['reindex', '--stack', stack, '--project', 'indexed']);
    const without = await admin(['reindex']);

    const [, event = ''] = /event (\S+)/.exec(started.out) ?? [];
    expect(early).toMatchObject({ code: 1, out: expect.stringContaining('has not seen an index') });
    expect(started.code).toBe(0);
    expect(await store.get(jobKey(project.id, event))).toMatchObject({
      kind: 'reindex',
      formerLayout: 'n=1',
    });
    expect(await store.get(eventKey(project.id, event))).toMatchObject({ status: 'PENDING' });
    expect(without).toMatchObject({ code: 1, out: expect.stringContaining('Usage:') });
  });
});
