import { countWork } from '../../shared/core/projects/count-work.ts';
import { createUsageMeter } from '../../shared/core/projects/usage-meter.ts';
import { createDispatcherPlatform } from '../../shared/platform/aws/dispatcher.ts';
import { readConfig } from '../../shared/platform/config/config.ts';
import { warnAboutPrivateTargets } from '../../shared/platform/config-to-options.ts';
import { createLambdaBatchHandler } from '../sqs-lambda.ts';
import { createDispatcherHandler } from './handler.ts';

const config = readConfig();
const platform = createDispatcherPlatform(config);
warnAboutPrivateTargets(config, platform.telemetry);
const usage = createUsageMeter(platform);
const counted = { ...platform, telemetry: countWork(usage, platform.telemetry) };

/** Lambda entry for messages of the notifications queue. */
export const handler = createLambdaBatchHandler(platform, createDispatcherHandler(counted), usage);
