import { createDispatcherPlatform } from '../../shared/platform/aws/dispatcher.ts';
import { readConfig } from '../../shared/platform/config.ts';
import { createLambdaBatchHandler } from '../lambda-batch.ts';
import { createDispatcherHandler } from './handler.ts';

const platform = createDispatcherPlatform(readConfig());

/** On events of the notifications queue. */
export const handler = createLambdaBatchHandler(platform, createDispatcherHandler(platform));
