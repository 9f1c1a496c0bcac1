import { endpointKey } from '../../domain/keys.ts';
import type { Dispatch } from '../../ports/platform.ts';
import { endpointIsAt } from '../conditions.ts';
import { changeGate } from '../delivery/gate-keeper.ts';
import { liveSecrets } from '../delivery/live-secrets.ts';
import { hint } from '../hint.ts';
import { erase } from '../steps.ts';

/**
 * Once this resolves nothing is sent there but what has had its last look. What waited for it is cancelled, what is parked
 * by and by.
 */
export const deleteEndpoint = async (
  platform: Dispatch,
  project: string,
  id: string,
): Promise<'deleted' | 'not_found'> => {
  for (;;) {
    const endpoint = await platform.store.get(endpointKey(project, id));
    if (!endpoint) return 'not_found';
    const secrets = await liveSecrets(platform, endpoint);
    const { outcome } = await changeGate(platform, project, id, ({ gate }) => ({
      gate: { ...gate, closing: true },
      endpoint: undefined,
      steps: [
        erase(endpointKey(project, id), endpointIsAt(endpoint.version)),
        ...secrets.map(({ key }) => erase(key)),
      ],
      answer: undefined,
    }));
    if (outcome !== 'done') continue;
    await hint(platform, [{ v: 1, kind: 'gate', project, endpoint: id }]);
    return 'deleted';
  }
};
