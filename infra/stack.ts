import { Annotations, type App, Stack, Tags } from 'aws-cdk-lib';
import { createAlarms } from './alarms.ts';
import { createBudget } from './budget.ts';
import { createDashboard } from './dashboard.ts';
import { hasIndex } from './environment.ts';
import { addQueueTrigger } from './triggers.ts';
import { type Assets, createFunction, type Functions } from './functions.ts';
import { createHttp } from './http.ts';
import { addOutputs } from './outputs.ts';
import { createQueues } from './queues.ts';
import { createRollout } from './rollout.ts';
import { createSchedule } from './schedule.ts';
import { createSecrets } from './secrets.ts';
import type { Settings } from './settings.ts';
import { createTable } from './table.ts';
import { createTopic } from './topic.ts';

const stackNameOf = (stage: string): string => `turnstone-${stage.replaceAll('_', '-')}`;

/** The service as one stack, in whichever account and region it is deployed to. */
export const createStack = (app: App, settings: Settings, assets: Assets): Stack => {
  const name = stackNameOf(settings.stage);
  const stack = new Stack(app, name, { description: `Turnstone ${settings.stage}` });
  Tags.of(stack).add('turnstone', settings.stage);

  if (!hasIndex(settings))
    Annotations.of(stack).addInfo(
      'No Pinecone index is named (TURNSTONE_PINECONE_HOST). Until one is, leave the Pinecone key out of the secret.',
    );

  const table = createTable(stack, settings);
  const queues = createQueues(stack);
  const secrets = createSecrets(stack, settings);
  const given = { resources: { table, queues, secrets }, settings, assets };
  const functions: Functions = {
    api: createFunction(stack, 'api', given),
    worker: createFunction(stack, 'worker', given),
    dispatcher: createFunction(stack, 'dispatcher', given),
    sweeper: createFunction(stack, 'sweeper', given),
  };

  const http = createHttp(stack, functions.api, settings);
  addQueueTrigger(functions.worker, queues.turns, settings.workers);
  addQueueTrigger(functions.dispatcher, queues.notifications, settings.dispatchers);
  createSchedule(stack, functions.sweeper);

  const topic = createTopic(stack, settings);
  const watched = { settings, queues, functions, http };
  const { all, rollback } = createAlarms(stack, watched, { topic, prefix: name });
  createRollout(stack, functions, rollback);
  createBudget(stack, topic, settings);
  createDashboard(stack, watched, { alarms: all, name });
  addOutputs(stack, { http, table, secrets, topic });
  return stack;
};
