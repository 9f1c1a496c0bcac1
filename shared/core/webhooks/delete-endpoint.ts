import { endpointKey } from '../../domain/table/keys.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';
import { endpointIsAt } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { remove } from '../steps.ts';
import { updateLimiter } from './gate-keeper.ts';
import { activeSecrets } from './signing-secrets.ts';

/**
 * Once this resolves nothing is sent there but what has had its last look. What waited for it is cancelled, what is parked
 * by and by.
 */
export const deleteEndpoint = async (
  platform: WebhookPlatform,
  project: string,
  id: string,
): Promise<'deleted' | 'not_found'> => {
  for (;;) {
    const endpoint = await platform.store.get(endpointKey(project, id));
    if (!endpoint) return 'not_found';
    const secrets = await activeSecrets(platform, endpoint);
    const { outcome } = await updateLimiter(platform, project, id, ({ limiter }) => ({
      limiter: { ...limiter, endpointDeleted: true },
      endpoint: undefined,
      steps: [
        remove(endpointKey(project, id), endpointIsAt(endpoint.version)),
        ...secrets.map(({ key }) => remove(key)),
      ],
      value: undefined,
    }));
    if (outcome !== 'done') continue;
    await enqueueHints(platform, [hints.backlog(project, id)]);
    return 'deleted';
  }
};
