import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Construct } from 'constructs';
import type { DeployedFunction } from './functions.ts';
import type { QueueWithDlq } from './queues.ts';
import { suppressFindings } from './suppress-findings.ts';
import { upkeepBatches, workerShares } from './worker-shares.ts';

interface TriggerOptions {
  maxConcurrency: number;
  /** Hints of one invocation. */
  batchSize?: number;
  /** How long hints are gathered for one invocation; absent: not at all. */
  window?: Duration;
}

/** Hints at turns, most of which wait for the model. */
export const turnsTrigger = (workers: number): TriggerOptions => ({
  maxConcurrency: workerShares(workers).turns,
});

/** Hints that keep the index. */
export const upkeepTrigger = (workers: number): TriggerOptions => ({
  maxConcurrency: workerShares(workers).upkeep,
  batchSize: upkeepBatches.size,
  window: Duration.millis(upkeepBatches.windowMs),
});

/** Most turns whose files are read at the same time. */
const maxFiles = 10;

/** Turns whose files are read at the same time: one an invocation, so that a link that hangs delays no other hint. */
export const filesTrigger = (workers: number): TriggerOptions => ({
  maxConcurrency: Math.min(maxFiles, Math.max(2, Math.floor(workers / 2))),
  batchSize: 1,
});

/** Makes a queue invoke a function, by default in batches of ten. */
export const addQueueTrigger = (
  { code, live }: DeployedFunction,
  id: string,
  { queue }: QueueWithDlq,
  { maxConcurrency, batchSize = 10, window }: TriggerOptions,
): void => {
  code.addToRolePolicy(
    new PolicyStatement({
      actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      resources: [queue.queueArn],
    }),
  );
  const mapping = live.addEventSourceMapping(id, {
    eventSourceArn: queue.queueArn,
    batchSize,
    ...(window ? { maxBatchingWindow: window } : {}),
    reportBatchItemFailures: true,
    maxConcurrency,
  });
  suppressFindings(mapping, {
    'Serverless-LambdaEventSourceMappingDestination':
      'Messages that failed five times go to the dead-letter queue of their queue.',
  });
};

/** Invokes the sweeper each minute. A failed invocation is not retried: the next sweep finds the same work. */
export const createSchedule = (scope: Construct, { live }: DeployedFunction): void => {
  live.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
  suppressFindings(live, {
    'Serverless-LambdaAsyncFailureDestination':
      'The next sweep finds the work of a failed one; an alarm reports missing sweeps.',
  });
  new Schedule(scope, 'EachMinute', {
    schedule: ScheduleExpression.rate(Duration.minutes(1)),
    target: new LambdaInvoke(live, { retryAttempts: 0, maxEventAge: Duration.minutes(1) }),
  });
};
