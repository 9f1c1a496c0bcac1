import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import { updateWithLimiter } from './endpoints.ts';

/** Holds back what is told there, without dropping any of it. A disabled endpoint stays disabled. */
export const pauseEndpoint = (
  platform: CorePlatform,
  project: string,
  id: string,
): Promise<Endpoint | undefined> =>
  updateWithLimiter(platform, project, id, (before, at) =>
    before.status === 'active'
      ? {
          endpoint: { ...before, status: 'paused', statusSince: { at, reason: 'requested' } },
          resetLimiter: false,
        }
      : undefined,
  );

/** Lets go what was held back, whoever held it. */
export const resumeEndpoint = (
  platform: CorePlatform,
  project: string,
  id: string,
): Promise<Endpoint | undefined> =>
  updateWithLimiter(platform, project, id, ({ statusSince: _, ...before }) =>
    before.status === 'active'
      ? undefined
      : { endpoint: { ...before, status: 'active' }, resetLimiter: true },
  );
