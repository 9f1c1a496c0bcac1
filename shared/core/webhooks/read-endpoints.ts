import { endpointKey } from '../../domain/table/keys.ts';
import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import { endpointsOf } from './subscribers.ts';

export const getEndpoint = async (
  { store }: Pick<CorePlatform, 'store'>,
  project: string,
  id: string,
): Promise<Endpoint | undefined> => store.get(endpointKey(project, id));

/** Oldest first. */
export const listEndpoints = async (
  platform: Pick<CorePlatform, 'store'>,
  project: string,
): Promise<Endpoint[]> =>
  (await endpointsOf(platform, project)).toSorted((a, b) => a.createdAt - b.createdAt);
