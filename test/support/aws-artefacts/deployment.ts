import { randomBytes } from 'node:crypto';
import { createDynamoDbClient } from '../../../shared/adapters/dynamodb/client.ts';
import { createDynamoDbStore } from '../../../shared/adapters/dynamodb/store.ts';
import { systemClock } from '../../../shared/adapters/system/clock.ts';
import { createIds } from '../../../shared/adapters/system/ids.ts';
import { ensureDefaultProject } from '../../../shared/core/projects/projects.ts';
import { startKmsServer } from '../kms-server.ts';
import { type OpenAiServerOptions, startOpenAiServer } from '../openai-server.ts';
import { startPineconeServer } from '../pinecone-server/server.ts';
import { startS3Emulator } from '../s3-emulator.ts';
import { startS3VectorsServer } from '../s3vectors-server/server.ts';
import { startSecretServer } from '../secret-server.ts';
import { startSqsEmulator } from '../sqs-emulator.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type Access, accessesOf } from './aws-calls.ts';
import { startAwsProxy } from './aws-proxy.ts';
import { launchFunctions, nameFunctions } from './functions.ts';
import { createQueues } from './queues.ts';
import { statementsOf } from './roles.ts';
import { synthesize } from './synthesize.ts';
import { countItems, createTable } from './tables.ts';
import { arnOf, openTemplate, region } from './template.ts';
import { startEventSources, startHttpApi, startSchedule } from './triggers.ts';
import { createVectors } from './vectors.ts';

export interface DeploymentOptions {
  dynamoDbEndpoint: string;
  /** Settings of `npm run deploy` besides the addresses of the model and the index. */
  settings?: { readonly [name: string]: string };
  /** Factor by which the schedule and the visibility timeouts run faster than real time. */
  hurry?: number;
  /** Most environments of one function. */
  environments?: number;
  /** Upper limit of the functions' timeouts, whatever the template says. */
  timeoutMs?: number;
  model?: OpenAiServerOptions;
  /** Initial value of the secret; both keys by default. */
  secret?: string;
}

const names = ['api', 'worker', 'dispatcher', 'sweeper'];
const dimension = 256;
const vectorBucket = 'stack-vectors-1';
export const modelKeys = JSON.stringify({ openai_api_key: 'sk-test', pinecone_api_key: 'pc-test' });

const startStandIns = async (options: DeploymentOptions) => {
  const keyId = arnOf('kms', 'key/11111111-2222-3333-4444-555555555555');
  const [sqs, s3, vectors, secrets, kms, model, pinecone] = await Promise.all([
    startSqsEmulator(),
    startS3Emulator(),
    startS3VectorsServer({ bucket: vectorBucket }),
    startSecretServer(),
    startKmsServer(keyId),
    startOpenAiServer({ apiKey: 'sk-test', dimensions: dimension, ...options.model }),
    startPineconeServer({ apiKey: 'pc-test', dimension }),
  ]);
  const proxy = await startAwsProxy({
    dynamodb: options.dynamoDbEndpoint,
    sqs: sqs.endpoint,
    s3: s3.endpoint,
    s3vectors: vectors.url,
    secretsmanager: secrets.endpoint,
    kms: kms.endpoint,
  });
  return { keyId, sqs, s3, vectors, secrets, kms, model, pinecone, proxy };
};

/**
 * Deploys the stack without an AWS account: synthesizes and bundles it, and sets up its table, queues, functions, event
 * sources, schedule and HTTP API by the template, on emulators and loopback servers.
 */
export const deploy = async (options: DeploymentOptions) => {
  const { hurry = 60, environments = 3, timeoutMs } = options;
  const standIns = await startStandIns(options);
  const { keyId, sqs, s3, vectors, secrets, kms, model, pinecone, proxy } = standIns;
  const folder = temporaryFolder();
  const synthesized = await synthesize(folder.path, {
    TURNSTONE_STAGE: 'test',
    OPENAI_BASE_URL: model.url,
    TURNSTONE_PINECONE_HOST: pinecone.url,
    TURNSTONE_PINECONE_DIMENSION: String(dimension),
    ...options.settings,
  });
  const template = openTemplate(synthesized.template);

  const client = createDynamoDbClient({
    endpoint: options.dynamoDbEndpoint,
    region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: { requestTimeout: 30_000 },
  });
  const table = await createTable(template, client);
  const queues = createQueues(
    template,
    (name, attributes) => sqs.createQueue(name, attributes).replace(sqs.endpoint, proxy.url),
    hurry,
  );
  for (const id of template.ids('AWS::KMS::Key'))
    template.make(id, { ref: keyId.split('/')[1] ?? '', attributes: { Arn: keyId } });
  for (const id of template.ids('AWS::SecretsManager::Secret')) {
    const ref = arnOf('secretsmanager', `secret:${id}`);
    template.make(id, { ref, attributes: { Id: ref } });
    secrets.secrets.set(ref, options.secret ?? modelKeys);
  }
  for (const id of template.ids('AWS::S3::Bucket')) {
    const ref = s3.newBucket();
    template.make(id, { ref, attributes: { Arn: `arn:aws:s3:::${ref}` } });
  }
  createVectors(template, vectorBucket, vectors);
  nameFunctions(template);

  const clock = systemClock;
  const store = createDynamoDbStore({ client, table: table.name, clock, ids: createIds(clock) });
  const apiKey = `ts-test-${randomBytes(16).toString('hex')}`;
  await ensureDefaultProject({ store, clock, ids: createIds(clock) }, apiKey);

  const lines: string[] = [];
  const functions = launchFunctions(template, synthesized, {
    names,
    endpoint: proxy.url,
    max: environments,
    timeoutMs,
    log: (name, line) => lines.push(`${name} ${line}`),
  });
  const roleIds = new Map(
    [...functions.values()].map(({ role, deployed }) => [role, deployed.name]),
  );
  const ticks: Access[] = [];
  const wiring = { template, functions, queues, endpoint: proxy.url };
  const front = await startHttpApi(wiring);
  const sources = startEventSources(wiring);
  const schedule = startSchedule(wiring, hurry, (role, resource) => {
    roleIds.set(role, 'schedule');
    ticks.push({ principal: 'schedule', action: 'lambda:InvokeFunction', resource, context: {} });
  });

  return {
    url: front.url,
    apiKey,
    proxy,
    model,
    pinecone,
    vectors,
    /** Log lines of all functions, each prefixed with the function's name. */
    lines,
    functionNamed: (name: string) => {
      const found = [...functions.values()].find(({ deployed }) => deployed.name === name);
      if (!found) throw new Error(`there is no function ${name}`);
      return found.deployed;
    },
    setSecret(text: string): void {
      for (const id of secrets.secrets.keys()) secrets.secrets.set(id, text);
    },
    queueUrls: () =>
      [...queues.values()].flatMap(({ url, isDeadLetter }) => (isDeadLetter ? [] : url)),
    /** Message bodies in the dead-letter queues. */
    deadLetters: (): string[] =>
      [...queues.values()].flatMap(({ name, isDeadLetter }) =>
        isDeadLetter ? sqs.bodiesIn(name) : [],
      ),
    countItems: (prefix: string) => countItems(client, table.name, prefix),
    /** Accesses required by all calls so far. */
    accesses: (): Access[] => [
      ...proxy.calls.flatMap((call) => accessesOf(call, table.partition)),
      ...ticks,
    ],
    statements: () => statementsOf(template, (id) => roleIds.get(id)),
    async stop(): Promise<void> {
      proxy.interfere();
      await Promise.all([schedule, ...sources].map((one) => one.stop()));
      await Promise.all([...functions.values()].map(({ deployed }) => deployed.stop()));
      await Promise.all([front, proxy, secrets, kms, sqs, s3].map((one) => one.stop()));
      await Promise.all([model, pinecone, vectors, store].map((one) => one.close()));
      folder.remove();
    },
  };
};
export type Deployment = Awaited<ReturnType<typeof deploy>>;
