import * as z from 'zod';
import { describe, httpUrl, oneOf, wholeNumber } from './setting.ts';

/** What the service is made of and where that is: set by the stack on AWS, by hand when `npm start` is to use AWS services. */
export const cloudSettings = {
  storeKind: oneOf(['sqlite', 'dynamodb']).register(describe, {
    name: 'TURNSTONE_STORE',
    fallback: 'sqlite',
    description: 'Where everything is kept: `sqlite` (a file in the data folder) or `dynamodb`.',
  }),
  queueKind: oneOf(['memory', 'sqs']).register(describe, {
    name: 'TURNSTONE_QUEUE',
    fallback: 'memory',
    description: 'What carries hints: `memory` or `sqs`.',
  }),
  indexKind: oneOf(['sqlite', 'pinecone']).register(describe, {
    name: 'TURNSTONE_INDEX',
    fallback: 'sqlite',
    description: 'What is searched for older memories: `sqlite` or `pinecone`.',
  }),
  table: z.string().optional().register(describe, {
    name: 'TURNSTONE_TABLE',
    description: 'Name of the DynamoDB table.',
  }),
  turnsQueueUrl: httpUrl.optional().register(describe, {
    name: 'TURNSTONE_TURNS_QUEUE_URL',
    description: 'URL of the SQS queue of hints to the worker.',
  }),
  notificationsQueueUrl: httpUrl.optional().register(describe, {
    name: 'TURNSTONE_NOTIFICATIONS_QUEUE_URL',
    description: 'URL of the SQS queue of hints to the dispatcher.',
  }),
  secret: z.string().optional().register(describe, {
    name: 'TURNSTONE_SECRET',
    description:
      'Name or ARN of the Secrets Manager secret `{"openai_api_key", "pinecone_api_key"}`; it is asked for a key that is not set here.',
  }),
  secretKey: z.string().optional().register(describe, {
    name: 'TURNSTONE_SECRET_KEY',
    description:
      'ID or ARN of the KMS key that webhook secrets are sealed with; else a key file in the data folder.',
  }),
  pineconeApiKey: z.string().optional().register(describe, {
    name: 'PINECONE_API_KEY',
    description: 'Key to Pinecone.',
    secret: true,
  }),
  pineconeHost: z.string().optional().register(describe, {
    name: 'TURNSTONE_PINECONE_HOST',
    description: 'Host of the Pinecone index, as its description tells it.',
  }),
  pineconeDimension: wholeNumber(1, 20_000, 'a whole number, 1 to 20000').register(describe, {
    name: 'TURNSTONE_PINECONE_DIMENSION',
    fallback: '1536',
    description: 'Dimension of the Pinecone index; the embedding model is asked for vectors of it.',
  }),
  pineconeBuckets: wholeNumber(1, 1_000, 'a whole number, 1 to 1000').register(describe, {
    name: 'TURNSTONE_PINECONE_BUCKETS',
    fallback: '16',
    description:
      'Namespaces that a project is spread over: more make searches cheaper and wildcard searches slower. After a change memories are indexed again.',
  }),
  pineconeIndex: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,43}[a-z0-9])?$/, '1 to 45 lower-case letters, digits or hyphens')
    .register(describe, {
      name: 'TURNSTONE_PINECONE_INDEX',
      fallback: 'turnstone',
      description: 'Name of the index that `npm run pinecone -- create` and `check` are about.',
    }),
  pineconeRegion: z
    .string()
    .regex(/^[a-z]+\/[a-z0-9-]+$/, 'a cloud and a region, such as aws/us-east-1')
    .register(describe, {
      name: 'TURNSTONE_PINECONE_REGION',
      fallback: 'aws/us-east-1',
      description: 'Cloud and region that `npm run pinecone -- create` makes the index in.',
    }),
  pineconeControllerUrl: httpUrl.optional().register(describe, {
    name: 'PINECONE_CONTROLLER_HOST',
    description: 'URL of the service that makes and describes indexes, when it is not Pinecone’s own.',
  }),
  stage: z
    .string()
    .regex(/^[\w-]{1,32}$/, '1 to 32 letters, digits, hyphens or underscores')
    .register(describe, {
      name: 'TURNSTONE_STAGE',
      fallback: 'local',
      description: 'Name of this installation in its metrics.',
    }),
};
