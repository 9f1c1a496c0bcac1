import type { Backstage } from '../../ports/platform.ts';
import type { Config } from '../config.ts';
import { createFoundation } from './foundation.ts';

/** @throws TerminalError missing_setting */
export const createSweeperPlatform = (config: Config): Backstage => createFoundation(config);
