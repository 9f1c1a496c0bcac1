import { sweep } from '../../shared/core/sweep.ts';
import type { Platform } from '../../shared/ports/platform.ts';

/** Finds what lost hints left behind; runs on a schedule. */
export const createSweeperHandler = (platform: Platform) => () => sweep(platform);
