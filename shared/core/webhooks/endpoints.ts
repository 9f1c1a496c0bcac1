import { endpointKey } from '../../domain/table/keys.ts';
import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import { resetLimiter } from '../../domain/webhooks/endpoint-limiter.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import { endpointIsAt } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { put } from '../steps.ts';
import { updateLimiter } from './gate-keeper.ts';

/** An endpoint as it is to be; `fresh`: what was held against it is forgotten. */
export interface EndpointChange {
  endpoint: Endpoint;
  resetLimiter: boolean;
}

/**
 * Changes an endpoint together with its gate, so that nobody who is about to pass or to be held back acts on what it was.
 * Undefined when there is none. A change to undefined leaves it as it is.
 */
export const updateWithLimiter = async (
  platform: CorePlatform,
  project: string,
  id: string,
  change: (before: Endpoint, now: number) => EndpointChange | undefined,
): Promise<Endpoint | undefined> => {
  for (;;) {
    const before = await platform.store.get(endpointKey(project, id));
    const now = platform.clock.now();
    const changed = before && change(before, now);
    if (!changed) return before;
    const { version } = before;
    const endpoint = { ...changed.endpoint, version: version + 1, updatedAt: now };
    const { outcome } = await updateLimiter(platform, project, id, ({ limiter }) => ({
      limiter: changed.resetLimiter ? resetLimiter(limiter, now) : limiter,
      endpoint,
      steps: [put(endpointKey(project, id), endpoint, endpointIsAt(version))],
      value: undefined,
    }));
    if (outcome !== 'done') continue;
    await enqueueHints(platform, [hints.backlog(project, id)]);
    return endpoint;
  }
};
