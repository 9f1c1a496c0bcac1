import type { Dispatch } from '../../ports/platform.ts';
import type { Config } from '../config.ts';
import { createDispatchParts } from './dispatch-parts.ts';
import { createFoundation } from './foundation.ts';

/** @throws TerminalError missing_setting */
export const createDispatcherPlatform = (config: Config): Dispatch => {
  const foundation = createFoundation(config);
  return { ...foundation, ...createDispatchParts(config, foundation) };
};
