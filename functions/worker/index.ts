import { createWorkerPlatform } from '../../shared/platform/aws/worker.ts';
import { readConfig } from '../../shared/platform/config/config.ts';
import { createLambdaBatchHandler } from '../sqs-lambda.ts';
import { createWorkerHandler } from './handler.ts';

const platform = createWorkerPlatform(readConfig());

/** Lambda entry for messages of the turns queue. */
export const handler = createLambdaBatchHandler(platform, createWorkerHandler(platform));
