import { endpointKey, limiterKey, secretKey } from '../../domain/table/keys.ts';
import { defaultMaxInFlight, type Endpoint } from '../../domain/webhooks/endpoint.ts';
import { newLimiter } from '../../domain/webhooks/endpoint-limiter.ts';
import { parsedUrl } from '../../domain/webhooks/endpoint-url.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { countOne, type QuotaExceeded } from '../projects/quota.ts';
import { put } from '../steps.ts';
import {
  type EndpointError,
  type EndpointRequest,
  sealHeaders,
  validateEndpoint,
} from './endpoint-request.ts';
import { makeSecret, type PlaintextSecret } from './make-secret.ts';
import { endpointsOf } from './subscribers.ts';

type Created = PlaintextSecret & { outcome: 'created'; endpoint: Endpoint };

const endpointOf = async (
  platform: WebhookPlatform,
  project: string,
  request: EndpointRequest,
): Promise<Endpoint> => {
  const now = platform.clock.now();
  const id = `whe_${platform.ids.next().replaceAll('-', '')}`;
  const { url, name = '', description = '', eventTypes = [], filters = {} } = request;
  const { headers = {}, rateLimit, maxInFlight = defaultMaxInFlight, ordered = false } = request;
  return {
    id,
    project,
    name,
    description,
    url: parsedUrl(url),
    eventTypes,
    filters,
    ...(await sealHeaders(platform, headers, { project, endpoint: id })),
    ...(rateLimit === undefined ? {} : { rateLimit }),
    maxInFlight,
    ordered,
    status: 'active',
    lastSecret: 1,
    version: 1,
    createdAt: now,
    updatedAt: now,
  };
};

/**
 * Registers a customer's URL. What becomes true once this resolves is told there. Its secret is answered this once.
 * @param request `secret`: one that the customer has already
 */
export const createEndpoint = async (
  platform: WebhookPlatform,
  project: string,
  request: EndpointRequest & { secret?: string; signing?: 'v1' | 'v1a' },
): Promise<Created | EndpointError | QuotaExceeded> => {
  const made = makeSecret(platform.ids, request);
  if ('outcome' in made) return made;
  const refusal = await validateEndpoint(platform, request);
  if (refusal) return refusal;
  const endpoint = await endpointOf(platform, project, request);
  const { id, createdAt } = endpoint;
  const sealed = await platform.secretBox.seal(made.secret, { project, endpoint: id });
  const idsNow = async () => (await endpointsOf(platform, project)).map((one) => one.id);
  for (;;) {
    const counted = await countOne(platform, project, 'endpoints', id, idsNow);
    if ('outcome' in counted) return counted;
    const { committed } = await commit(platform, [
      put(endpointKey(project, id), endpoint),
      put(secretKey(project, id, 1), { number: 1, sealed, createdAt }),
      put(limiterKey(project, id), newLimiter(endpoint, createdAt)),
      counted,
    ]);
    if (committed) return { outcome: 'created', endpoint, ...made };
  }
};
