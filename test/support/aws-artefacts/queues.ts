import * as z from 'zod';
import { arnOf, type OpenTemplate } from './template.ts';

const Queue = z.object({
  VisibilityTimeout: z.number().default(30),
  MessageRetentionPeriod: z.number().default(345_600),
  FifoQueue: z.literal(false).default(false),
  // A queue with a custom key would need grants on that key, which are not modelled here.
  KmsMasterKeyId: z.undefined().optional(),
  RedrivePolicy: z
    .object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.number() })
    .optional(),
});

type Create = (name: string, attributes: { [name: string]: string }) => string;

export interface CreatedQueue {
  name: string;
  url: string;
  isDeadLetter: boolean;
}

/**
 * Creates the template's queues, dead-letter queues first.
 *
 * @param create creates a queue and returns its URL
 * @param hurry divisor of the visibility timeouts
 */
export const createQueues = (
  template: OpenTemplate,
  create: Create,
  hurry: number,
): Map<string, CreatedQueue> => {
  const ids = template.ids('AWS::SQS::Queue');
  for (const id of ids)
    template.make(id, { ref: id, attributes: { Arn: arnOf('sqs', id), QueueName: id } });

  const queues = template.all('AWS::SQS::Queue', Queue);
  const targets = new Set(
    queues.flatMap(({ properties }) => properties.RedrivePolicy?.deadLetterTargetArn ?? []),
  );
  const isDeadLetter = (id: string): boolean => targets.has(arnOf('sqs', id));
  const created = new Map<string, CreatedQueue>();
  for (const { id, properties } of queues.toSorted(
    (a, b) => Number(isDeadLetter(b.id)) - Number(isDeadLetter(a.id)),
  )) {
    const { VisibilityTimeout, MessageRetentionPeriod, RedrivePolicy } = properties;
    const url = create(id, {
      VisibilityTimeout: String(Math.ceil(VisibilityTimeout / hurry)),
      MessageRetentionPeriod: String(MessageRetentionPeriod),
      ...(RedrivePolicy && { RedrivePolicy: JSON.stringify(RedrivePolicy) }),
    });
    template.make(id, { ref: url, attributes: { Arn: arnOf('sqs', id), QueueName: id } });
    created.set(arnOf('sqs', id), { name: id, url, isDeadLetter: isDeadLetter(id) });
  }
  return created;
};
