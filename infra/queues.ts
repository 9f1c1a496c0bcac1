import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { functionSizes } from './function-sizes.ts';
import { suppressFindings } from './suppress-findings.ts';

export interface QueueWithDlq {
  queue: Queue;
  /** Messages that failed five times. Handlers do not report transient failures, so each message here points to a bug. */
  deadLetterQueue: Queue;
}

const encrypted = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };

/** @param timeout timeout of the function; AWS recommends a visibility timeout of six times that */
const createQueue = (scope: Construct, id: string, timeout: Duration): QueueWithDlq => {
  const deadLetterQueue = new Queue(scope, `${id}Dead`, {
    ...encrypted,
    retentionPeriod: Duration.days(14),
  });
  suppressFindings(deadLetterQueue, {
    'Serverless-SQSRedrivePolicy': 'This queue is itself a dead-letter queue.',
  });
  const queue = new Queue(scope, id, {
    ...encrypted,
    visibilityTimeout: Duration.seconds(6 * timeout.toSeconds()),
    retentionPeriod: Duration.days(4),
    deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: 5 },
  });
  return { queue, deadLetterQueue };
};

export type Queues = {
  readonly [name in 'turns' | 'upkeep' | 'files' | 'notifications']: QueueWithDlq;
};

export const createQueues = (scope: Construct): Queues => ({
  turns: createQueue(scope, 'Turns', functionSizes.worker.timeout),
  upkeep: createQueue(scope, 'Upkeep', functionSizes.worker.timeout),
  files: createQueue(scope, 'Files', functionSizes.worker.timeout),
  notifications: createQueue(scope, 'Notifications', functionSizes.dispatcher.timeout),
});
