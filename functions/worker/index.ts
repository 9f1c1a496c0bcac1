import { countWork } from '../../shared/core/projects/count-work.ts';
import { createUsageMeter } from '../../shared/core/projects/usage-meter.ts';
import { createWorkerPlatform } from '../../shared/platform/aws/worker.ts';
import { readConfig } from '../../shared/platform/config/config.ts';
import { createLambdaBatchHandler } from '../sqs-lambda.ts';
import { createWorkerHandler } from './handler.ts';

const platform = createWorkerPlatform(readConfig());
const usage = createUsageMeter(platform);
const counted = { ...platform, telemetry: countWork(usage, platform.telemetry) };

/** Lambda entry for messages of the turns queue. */
export const handler = createLambdaBatchHandler(platform, createWorkerHandler(counted), usage);
