import { createSweeperPlatform } from '../../shared/platform/aws/sweeper.ts';
import { readConfig } from '../../shared/platform/config.ts';
import { createSweeperHandler } from './handler.ts';

/** On a schedule. */
export const handler = createSweeperHandler(createSweeperPlatform(readConfig()));
