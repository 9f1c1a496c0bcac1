import type { Endpoint } from '../../domain/endpoint.ts';
import type { Backstage } from '../../ports/platform.ts';
import { changeEndpoint } from './change-endpoint.ts';

/** Holds back what is told there, without dropping any of it. A disabled endpoint stays disabled. */
export const pauseEndpoint = (
  platform: Backstage,
  project: string,
  id: string,
): Promise<Endpoint | undefined> =>
  changeEndpoint(platform, project, id, (before, at) =>
    before.status === 'active'
      ? {
          endpoint: { ...before, status: 'paused', held: { at, reason: 'requested' } },
          fresh: false,
        }
      : undefined,
  );

/** Lets go what was held back, whoever held it. */
export const resumeEndpoint = (
  platform: Backstage,
  project: string,
  id: string,
): Promise<Endpoint | undefined> =>
  changeEndpoint(platform, project, id, ({ held: _, ...before }) =>
    before.status === 'active'
      ? undefined
      : { endpoint: { ...before, status: 'active' }, fresh: true },
  );
