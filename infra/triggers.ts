import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { DeployedFunction } from './functions.ts';
import type { HintQueue } from './queues.ts';
import { suppressFindings } from './suppress-findings.ts';

/** Lets a queue call a function. */
export const addQueueTrigger = (
  { code, live }: DeployedFunction,
  { queue }: HintQueue,
  maxConcurrency: number,
): void => {
  code.addToRolePolicy(
    new PolicyStatement({
      actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      resources: [queue.queueArn],
    }),
  );
  const mapping = live.addEventSourceMapping('Hints', {
    eventSourceArn: queue.queueArn,
    batchSize: 10,
    reportBatchItemFailures: true,
    maxConcurrency,
  });
  suppressFindings(mapping, {
    'Serverless-LambdaEventSourceMappingDestination':
      'What fails again and again goes to the dead-letter queue of its queue.',
  });
};
