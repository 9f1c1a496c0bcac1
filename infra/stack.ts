import { Annotations, type App, CfnOutput, Stack, Tags } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { createAlarms } from './alarms.ts';
import { bucketOf } from './bucket.ts';
import { createDashboard } from './dashboard.ts';
import { adoptedOf, hasIndex, indexSettingsOf } from './environment.ts';
import { type Assets, createFunction, type Functions } from './functions.ts';
import { createHttp } from './http.ts';
import type { Resources } from './permissions.ts';
import { createQueues } from './queues.ts';
import { createRollout } from './rollout.ts';
import { createSecrets, type Secrets } from './secrets.ts';
import { indexKindOf, type Settings } from './settings.ts';
import { tableOf } from './table.ts';
import { createBudget, createTopic } from './topic.ts';
import {
  addQueueTrigger,
  createSchedule,
  filesTrigger,
  turnsTrigger,
  upkeepTrigger,
} from './triggers.ts';
import { vectorsOf } from './vectors.ts';

export const stackNameOf = (stage: string): string => `turnstone-${stage.replaceAll('_', '-')}`;

/** Adds stack outputs: names that the admin commands read, and the next steps for the operator. */
const addOutputs = (
  stack: Stack,
  {
    http,
    table,
    bucket,
    vectors,
    secrets,
    topic,
    settings,
  }: {
    http: HttpApi;
    table: Resources['table'];
    bucket: Resources['bucket'];
    vectors: Resources['vectors'];
    secrets: Secrets;
    topic: Topic;
    settings: Settings;
  },
): void => {
  const output = (name: string, description: string, value: string) =>
    new CfnOutput(stack, name, { description, value });
  output('ApiUrl', 'URL of the API', http.apiEndpoint);
  output('TableName', 'The table', table.tableName);
  output('BucketName', 'The bucket of attachments', bucket.bucketName);
  if (vectors) output('VectorBucketName', 'The vector bucket of the index', vectors.bucketName);
  output('WebhookKeyArn', 'The key of the webhook secrets', secrets.webhookKey.keyArn);
  output('SecretArn', 'The secret of the model keys', secrets.modelKeys.secretArn);
  output(
    'Adopted',
    'Table, bucket and key of others, which the next deployment compares',
    adoptedOf(settings),
  );
  output('IndexSettings', 'Settings that the next deployment compares', indexSettingsOf(settings));
  output('AlarmTopic', 'SNS topic of the alarms', topic.topicArn);
  output(
    'ThenPutKeys',
    indexKindOf(settings) === 'pinecone'
      ? 'Puts OPENAI_API_KEY and PINECONE_API_KEY of your environment into the secret'
      : 'Puts OPENAI_API_KEY of your environment into the secret',
    `npm run admin -- secret --stack ${stack.stackName}`,
  );
  output(
    'ThenCreateKey',
    'Creates the first API key',
    `npm run admin -- keys create --stack ${stack.stackName}`,
  );
};

/** Creates the whole service as one stack that does not depend on an account or a region. */
export const createStack = (app: App, settings: Settings, assets: Assets): Stack => {
  const name = stackNameOf(settings.stage);
  const stack = new Stack(app, name, { description: `Turnstone ${settings.stage}` });
  Tags.of(stack).add('turnstone', settings.stage);

  if (!hasIndex(settings))
    Annotations.of(stack).addInfo(
      'No Pinecone index is named (TURNSTONE_PINECONE_HOST). Until one is, leave the Pinecone key out of the secret.',
    );

  const table = tableOf(stack, settings);
  const bucket = bucketOf(stack, settings);
  const queues = createQueues(stack);
  const secrets = createSecrets(stack, settings);
  const vectors = vectorsOf(stack, settings);
  const parts = { resources: { table, bucket, queues, secrets, vectors }, settings, assets };
  const functions: Functions = {
    api: createFunction(stack, 'api', parts),
    worker: createFunction(stack, 'worker', parts),
    dispatcher: createFunction(stack, 'dispatcher', parts),
    sweeper: createFunction(stack, 'sweeper', parts),
  };

  // A new sweeper may start to index everything anew: not before new versions of the others get all invocations.
  functions.sweeper.live.node.addDependency(
    functions.api.live,
    functions.worker.live,
    functions.dispatcher.live,
  );

  const http = createHttp(stack, functions.api, settings);
  addQueueTrigger(functions.worker, 'Hints', queues.turns, turnsTrigger(settings.workers));
  addQueueTrigger(functions.worker, 'Upkeep', queues.upkeep, upkeepTrigger(settings.workers));
  addQueueTrigger(functions.worker, 'Files', queues.files, filesTrigger(settings.workers));
  addQueueTrigger(functions.dispatcher, 'Hints', queues.notifications, {
    maxConcurrency: settings.dispatchers,
  });
  createSchedule(stack, functions.sweeper);

  const topic = createTopic(stack, settings);
  const sources = { settings, queues, functions, http };
  const { all, rollback } = createAlarms(stack, sources, { topic, prefix: name });
  createRollout(stack, functions, { alarms: rollback, canary: settings.canary });
  createBudget(stack, topic, settings);
  createDashboard(stack, sources, { alarms: all, name });
  addOutputs(stack, { http, table, bucket, vectors, secrets, topic, settings });
  return stack;
};
