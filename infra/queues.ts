import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { functionSizes } from './function-sizes.ts';
import { suppressFindings } from './suppress-findings.ts';

export interface HintQueue {
  queue: Queue;
  /** What was delivered five times in vain: always a bug of ours. */
  dead: Queue;
}

const encrypted = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };

/** @param timeout of the function that is told of the hints; six times that is what AWS asks a queue to wait for it */
const createQueue = (scope: Construct, id: string, timeout: Duration): HintQueue => {
  const dead = new Queue(scope, `${id}Dead`, {
    ...encrypted,
    retentionPeriod: Duration.days(14),
  });
  suppressFindings(dead, {
    'Serverless-SQSRedrivePolicy': 'What is dead here goes nowhere further.',
  });
  const queue = new Queue(scope, id, {
    ...encrypted,
    visibilityTimeout: Duration.seconds(6 * timeout.toSeconds()),
    retentionPeriod: Duration.days(4),
    deadLetterQueue: { queue: dead, maxReceiveCount: 5 },
  });
  return { queue, dead };
};

export type Queues = { readonly [name in 'turns' | 'notifications']: HintQueue };

export const createQueues = (scope: Construct): Queues => ({
  turns: createQueue(scope, 'Turns', functionSizes.worker.timeout),
  notifications: createQueue(scope, 'Notifications', functionSizes.dispatcher.timeout),
});
