import * as z from 'zod';
import { TerminalError } from '../../domain/errors.ts';
import type { AllowlistEntry } from '../../domain/webhooks/allowlist.ts';
import { formatAddress, isLocal, parseAddress } from '../../domain/webhooks/ip-address.ts';
import { describe, httpUrl, oneOf, wholeNumber } from './setting.ts';

/** Adapters and where their services are. The stack sets these on AWS; set them by hand if `npm start` is to use AWS services. */
export const cloudSettings = {
  storeKind: oneOf(['sqlite', 'dynamodb']).register(describe, {
    name: 'TURNSTONE_STORE',
    fallback: 'sqlite',
    description: 'Store of all data: `sqlite` (a file in the data folder) or `dynamodb`.',
  }),
  queueKind: oneOf(['memory', 'sqs']).register(describe, {
    name: 'TURNSTONE_QUEUE',
    fallback: 'memory',
    description: 'Queue for hints: `memory` or `sqs`.',
  }),
  indexKind: oneOf(['sqlite', 'pinecone', 's3vectors']).register(describe, {
    name: 'TURNSTONE_INDEX',
    fallback: 'sqlite',
    description:
      'Vector index: `sqlite`, `pinecone` or `s3vectors`. On AWS it is `pinecone` unless it is `s3vectors`.',
  }),
  table: z.string().optional().register(describe, {
    name: 'TURNSTONE_TABLE',
    description: 'Name of the DynamoDB table.',
  }),
  turnsQueueUrl: httpUrl.optional().register(describe, {
    name: 'TURNSTONE_TURNS_QUEUE_URL',
    description: 'URL of the SQS queue that the worker receives hints from.',
  }),
  filesQueueUrl: httpUrl.optional().register(describe, {
    name: 'TURNSTONE_FILES_QUEUE_URL',
    description:
      'URL of an SQS queue for turns whose links are to be fetched and files read, so that slow links delay no other turn; without it, the queue of turns has these hints.',
  }),
  upkeepQueueUrl: httpUrl.optional().register(describe, {
    name: 'TURNSTONE_UPKEEP_QUEUE_URL',
    description:
      'URL of an SQS queue for hints that keep the index, so that none of them waits for the model; without it, the queue of turns has these hints.',
  }),
  notificationsQueueUrl: httpUrl.optional().register(describe, {
    name: 'TURNSTONE_NOTIFICATIONS_QUEUE_URL',
    description: 'URL of the SQS queue that the dispatcher receives hints from.',
  }),
  bucket: z.string().optional().register(describe, {
    name: 'TURNSTONE_BUCKET',
    description:
      'Name of the S3 bucket that holds attachments; without it, the data folder does. Processes that share a table need it.',
  }),
  secret: z.string().optional().register(describe, {
    name: 'TURNSTONE_SECRET',
    description:
      'Name or ARN of the Secrets Manager secret `{"openai_api_key", "pinecone_api_key"}`, read for keys that are not set here.',
  }),
  secretKey: z.string().optional().register(describe, {
    name: 'TURNSTONE_SECRET_KEY',
    description:
      'ID or ARN of the KMS key that seals webhook secrets; without it, a key file in the data folder does.',
  }),
  pineconeApiKey: z.string().optional().register(describe, {
    name: 'PINECONE_API_KEY',
    description: 'Pinecone API key.',
    secret: true,
  }),
  pineconeHost: z.string().optional().register(describe, {
    name: 'TURNSTONE_PINECONE_HOST',
    description: 'Host of the Pinecone index, as `npm run pinecone -- check` prints it.',
  }),
  pineconeDimension: wholeNumber(1, 20_000, 'a whole number, 1 to 20000').register(describe, {
    name: 'TURNSTONE_PINECONE_DIMENSION',
    fallback: '1536',
    description:
      'Dimension of the index, also of S3 Vectors (1 to 4096), and of the vectors requested from the embedding model.',
  }),
  pineconeBuckets: wholeNumber(1, 1_000, 'a whole number, 1 to 1000').register(describe, {
    name: 'TURNSTONE_PINECONE_BUCKETS',
    fallback: '16',
    description:
      'Namespaces per project. More make searches cheaper and wildcard searches slower. After a change, memories are indexed again.',
  }),
  vectorBucket: z.string().optional().register(describe, {
    name: 'TURNSTONE_VECTOR_BUCKET',
    description: 'Name of the S3 vector bucket. The stack makes one.',
  }),
  vectorIndexes: wholeNumber(1, 100, 'a whole number, 1 to 100').register(describe, {
    name: 'TURNSTONE_VECTOR_INDEXES',
    fallback: '4',
    description:
      'Indexes in the vector bucket, over which users, agents, apps and runs are spread. More take more writes and make searches cheaper, and wildcard searches slower. After a change, memories are indexed again.',
  }),
  pineconeIndex: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,43}[a-z0-9])?$/, '1 to 45 lower-case letters, digits or hyphens')
    .register(describe, {
      name: 'TURNSTONE_PINECONE_INDEX',
      fallback: 'turnstone',
      description: 'Name of the index for `npm run pinecone -- create` and `check`.',
    }),
  pineconeRegion: z
    .string()
    .regex(/^[a-z]+\/[a-z0-9-]+$/, 'a cloud and a region, such as aws/us-east-1')
    .register(describe, {
      name: 'TURNSTONE_PINECONE_REGION',
      fallback: 'aws/us-east-1',
      description: 'Cloud and region in which `npm run pinecone -- create` creates the index.',
    }),
  pineconeControllerUrl: httpUrl.optional().register(describe, {
    name: 'PINECONE_CONTROLLER_HOST',
    description: 'URL of the control plane, if it is not Pinecone’s own.',
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

const isLocalHost = (host: string): boolean => {
  const address = parseAddress(host.replace(/^\[|\]$/g, ''));
  return address ? isLocal(address) : /(^|\.)localhost\.?$/i.test(host);
};

const rejectLocal = (setting: string): never => {
  throw new TerminalError(
    'bad_setting',
    `${setting} works with npm start only: on AWS it names the function itself.`,
  );
};

/** Largest dimension of S3 Vectors. */
const maxVectorDimension = 4_096;

/**
 * Rejects vectors that the chosen index does not take.
 * @throws TerminalError bad_setting
 */
export const rejectLongVectors = ({
  indexKind,
  pineconeDimension,
}: {
  indexKind: string;
  pineconeDimension: number;
}): void => {
  if (indexKind === 's3vectors' && pineconeDimension > maxVectorDimension)
    throw new TerminalError(
      'bad_setting',
      `TURNSTONE_INDEX=s3vectors takes vectors of up to ${maxVectorDimension} dimensions: TURNSTONE_PINECONE_DIMENSION is ${pineconeDimension}.`,
    );
};

/**
 * Rejects targets inside a function's own environment, where the runtime API of Lambda listens.
 * @throws TerminalError bad_setting
 */
export const rejectLocalTargets = ({
  webhookAllow,
  openaiBaseUrl,
}: {
  webhookAllow: readonly AllowlistEntry[];
  openaiBaseUrl?: string | undefined;
}): void => {
  for (const { address, port } of webhookAllow)
    if (isLocal(address)) rejectLocal(`TURNSTONE_WEBHOOK_ALLOW=${formatAddress(address)}:${port}`);
  if (openaiBaseUrl !== undefined && isLocalHost(new URL(openaiBaseUrl).hostname))
    rejectLocal(`OPENAI_BASE_URL=${openaiBaseUrl}`);
};
