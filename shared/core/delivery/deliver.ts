import { parentsOf } from '../../domain/delivery.ts';
import type { Dispatch } from '../../ports/platform.ts';
import type { Budget } from '../refine/refine.ts';
import { drainLine } from './drain-line.ts';

/**
 * Makes the attempt that a delivery is due for, or leaves it to whoever is at work for its endpoint in this process. It
 * stays due until it is claimed, so that nothing is lost with this hint.
 */
export const deliver = async (
  platform: Dispatch,
  project: string,
  id: string,
  budget: Budget,
): Promise<void> => {
  const { endpoint } = parentsOf(id) ?? {};
  if (endpoint !== undefined) await drainLine(platform, project, endpoint, budget, id);
};
