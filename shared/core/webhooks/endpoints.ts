import { fieldsOf } from '../../domain/fields-of.ts';
import { endpointKey, limiterKey, secretKey } from '../../domain/table/keys.ts';
import { defaultMaxInFlight, type Endpoint } from '../../domain/webhooks/endpoint.ts';
import { newLimiter, resetLimiter } from '../../domain/webhooks/endpoint-limiter.ts';
import { parsedUrl } from '../../domain/webhooks/endpoint-url.ts';
import type { CorePlatform, WebhookPlatform } from '../../ports/platform.ts';
import type { Condition } from '../../ports/store.ts';
import { commit, failedConditions } from '../commit.ts';
import { enqueueHints, hints } from '../hints.ts';
import { forgetProcessing } from '../processing/processing-settings.ts';
import { countOne, type QuotaExceeded } from '../projects/quota.ts';
import { put, remove } from '../steps.ts';
import { endpointIsAbsent, endpointIsAt } from './conditions.ts';
import {
  type EndpointError,
  type EndpointPatch,
  type EndpointRequest,
  sealHeaders,
  validateEndpoint,
} from './endpoint-request.ts';
import type { WithLimiterStore } from './limiter-store.ts';
import { makeSecret, type PlaintextSecret } from './rotate-secret.ts';
import { activeSecrets } from './signing-secrets.ts';
import { listEndpoints } from './subscribers.ts';

const restoredFields = ['createdAt', 'updatedAt', 'status', 'statusSince'] as const;
/** Id, times and status that a restored endpoint had. */
type RestoredEndpoint = Pick<Endpoint, 'id' | (typeof restoredFields)[number]>;

type NewEndpoint = EndpointRequest & {
  secret?: string;
  signing?: 'v1' | 'v1a';
  isPaused?: boolean;
};

type Created = PlaintextSecret & { outcome: 'created'; endpoint: Endpoint };

const newEndpoint = async (
  platform: WebhookPlatform,
  project: string,
  request: NewEndpoint & { as?: RestoredEndpoint },
): Promise<Endpoint> => {
  const now = platform.clock.now();
  const id = request.as?.id ?? `whe_${platform.ids.next().replaceAll('-', '')}`;
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
    ...(request.isPaused
      ? { status: 'paused', statusSince: { at: now, reason: 'requested' } }
      : { status: 'active' }),
    lastSecret: 1,
    version: 1,
    createdAt: now,
    updatedAt: now,
    ...(request.as && fieldsOf(request.as, restoredFields)),
  };
};

interface Made extends PlaintextSecret {
  endpoint: Endpoint;
  /** The secret as it is stored. */
  sealed: string;
}

/** Makes an endpoint and its secret, neither of which is written yet. */
const makeEndpoint = async (
  platform: WebhookPlatform,
  project: string,
  request: NewEndpoint & { as?: RestoredEndpoint },
): Promise<Made | EndpointError> => {
  const made = makeSecret(platform.ids, request);
  if ('outcome' in made) return made;
  const error = await validateEndpoint(platform, request);
  if (error) return error;
  const endpoint = await newEndpoint(platform, project, request);
  const sealed = await platform.secretBox.seal(made.secret, { project, endpoint: endpoint.id });
  return { endpoint, sealed, ...made };
};

/** Writes an endpoint that was made. `exists`: the condition on its item was not met. */
const insertEndpoint = async (
  platform: WebhookPlatform,
  project: string,
  { endpoint, sealed }: Made,
  when?: Condition,
): Promise<'inserted' | 'exists' | QuotaExceeded> => {
  const { id, createdAt } = endpoint;
  const currentIds = async () => (await listEndpoints(platform, project)).map((one) => one.id);
  for (;;) {
    const counted = await countOne(platform, project, 'endpoints', id, currentIds);
    if ('outcome' in counted) return counted;
    const result = await commit(platform, [
      put(endpointKey(project, id), endpoint, when),
      put(secretKey(project, id, 1), { number: 1, sealed, createdAt }),
      put(limiterKey(project, id), newLimiter(endpoint, createdAt)),
      counted,
    ]);
    if (when && failedConditions(result).includes(when.name)) return 'exists';
    if (!result.committed) continue;
    forgetProcessing(platform, project);
    return 'inserted';
  }
};

/**
 * Creates an endpoint. No fact committed after this resolves is missed. Other processes know of the first endpoint within 5 seconds: they
 * send the acceptance of a turn in these with the end of the turn. Returns the secret, which is otherwise shown only by
 * `revealSecrets`. Not idempotent: a retry creates another endpoint.
 * @param request `secret`: one the customer has already. `isPaused`: deliveries wait until the endpoint is resumed
 */
export const createEndpoint = async (
  platform: WebhookPlatform,
  project: string,
  request: NewEndpoint,
): Promise<Created | EndpointError | QuotaExceeded> => {
  const made = await makeEndpoint(platform, project, request);
  if ('outcome' in made) return made;
  const inserted = await insertEndpoint(platform, project, made);
  if (typeof inserted === 'object') return inserted;
  const { sealed: _, ...created } = made;
  return { outcome: 'created', ...created };
};

/** Creates an endpoint again, as one that there was. Safe to repeat. */
export const recreateEndpoint = async (
  platform: WebhookPlatform,
  project: string,
  request: NewEndpoint & { as: RestoredEndpoint },
): Promise<'restored' | 'exists' | 'refused'> => {
  const made = await makeEndpoint(platform, project, request);
  if ('outcome' in made) return 'refused';
  const inserted = await insertEndpoint(platform, project, made, endpointIsAbsent);
  if (typeof inserted === 'object') return 'refused';
  return inserted === 'exists' ? 'exists' : 'restored';
};

/** Returns an endpoint; undefined when there is none. */
export const getEndpoint = async (
  { store }: Pick<CorePlatform, 'store'>,
  project: string,
  id: string,
): Promise<Endpoint | undefined> => store.get(endpointKey(project, id));

interface EndpointChange {
  endpoint: Endpoint;
  /** Forgets breaker, health and rate limit. */
  resetLimiter: boolean;
}

/**
 * Updates an endpoint and its limiter in one transaction, so that no concurrent claim acts on the old endpoint. Retries on
 * conflict (optimistic concurrency). Undefined when there is no such endpoint; unchanged when `change` returns undefined.
 */
export const updateWithLimiter = async (
  platform: WithLimiterStore,
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
    const { outcome } = await platform.limiterStore.update(project, id, ({ limiter }) => ({
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

const withPatch = (before: Endpoint, patch: Omit<EndpointPatch, 'headers'>): Endpoint => {
  const { rateLimit, ...rest } = patch;
  if (rateLimit === undefined) return { ...before, ...rest };
  const { rateLimit: _, ...unlimited } = before;
  return { ...unlimited, ...rest, ...(rateLimit === null ? {} : { rateLimit }) };
};

/**
 * Updates an endpoint. Open deliveries use the new settings from their next attempt on; a new URL also resets the limiter.
 * Safe to repeat.
 */
export const updateEndpoint = async (
  platform: WithLimiterStore<WebhookPlatform>,
  project: string,
  id: string,
  { headers, ...requested }: EndpointPatch,
): Promise<
  { outcome: 'updated'; endpoint: Endpoint } | { outcome: 'not_found' } | EndpointError
> => {
  const all = { ...requested, ...(headers === undefined ? {} : { headers }) };
  const error = await validateEndpoint(platform, all);
  if (error) return error;
  const patch =
    requested.url === undefined ? requested : { ...requested, url: parsedUrl(requested.url) };
  const sealed = headers && (await sealHeaders(platform, headers, { project, endpoint: id }));
  const endpoint = await updateWithLimiter(platform, project, id, (before) => {
    const { headers: old, ...bare } = withPatch(before, patch);
    const kept = old === undefined ? {} : { headers: old };
    return {
      endpoint: { ...bare, ...(sealed ?? kept) },
      resetLimiter: patch.url !== undefined && patch.url !== before.url,
    };
  });
  return endpoint ? { outcome: 'updated', endpoint } : { outcome: 'not_found' };
};

/** Pauses an active endpoint: deliveries are queued, none is dropped. A disabled endpoint stays disabled. */
export const pauseEndpoint = (
  platform: WithLimiterStore,
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

/** Activates a paused or disabled endpoint with a fresh limiter, and starts sending its backlog. */
export const resumeEndpoint = (
  platform: WithLimiterStore,
  project: string,
  id: string,
): Promise<Endpoint | undefined> =>
  updateWithLimiter(platform, project, id, ({ statusSince: _, ...before }) =>
    before.status === 'active'
      ? undefined
      : { endpoint: { ...before, status: 'active' }, resetLimiter: true },
  );

/**
 * Deletes an endpoint with its secrets. After this resolves only requests that passed the pre-send check are still sent.
 * Due deliveries are cancelled when claimed, the backlog asynchronously; a crash in between leaves the limiter due.
 */
export const deleteEndpoint = async (
  platform: WithLimiterStore,
  project: string,
  id: string,
): Promise<'deleted' | 'not_found'> => {
  for (;;) {
    const endpoint = await platform.store.get(endpointKey(project, id));
    if (!endpoint) return 'not_found';
    const secrets = await activeSecrets(platform, endpoint);
    const { outcome } = await platform.limiterStore.update(project, id, ({ limiter }) => ({
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
