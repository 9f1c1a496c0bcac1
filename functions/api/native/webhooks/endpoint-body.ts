import type { Context } from 'hono';
import type { RevealedSecret } from '../../../../shared/core/webhooks/rotate-secret.ts';
import type { Endpoint } from '../../../../shared/domain/webhooks/endpoint.ts';
import { maskedUrl } from '../../../../shared/domain/webhooks/masked-url.ts';
import type { ApiEnv } from '../../http/api-env.ts';
import { isoTime, isoTimeOrNull } from '../../http/instant.ts';
import { mayRead, maySeeSecrets, receiptOf } from '../../http/may-read.ts';
import { omitNullish } from '../../http/omit-nullish.ts';

const fieldsOf = (endpoint: Endpoint) => {
  const { user, agent, app, run } = endpoint.filters;
  return {
    id: endpoint.id,
    url: endpoint.url,
    name: endpoint.name,
    description: endpoint.description,
    status: endpoint.status,
    status_reason: endpoint.statusSince?.reason ?? null,
    status_since: isoTimeOrNull(endpoint.statusSince?.at),
    event_types: endpoint.eventTypes,
    filters: omitNullish({ user_id: user, agent_id: agent, app_id: app, run_id: run }),
    header_names: endpoint.headerNames,
    rate_limit: endpoint.rateLimit ?? null,
    max_in_flight: endpoint.maxInFlight,
    ordered: endpoint.ordered,
    created_at: isoTime(endpoint.createdAt),
    updated_at: isoTime(endpoint.updatedAt),
  };
};

/**
 * Builds an endpoint for a response, by the permissions of the key: the whole URL only with read and write, without read
 * only id and status. Never includes secrets or header values.
 */
export const endpointBody = (c: Context<ApiEnv>, endpoint: Endpoint) => {
  const fields = fieldsOf(endpoint);
  if (!mayRead(c)) return receiptOf(fields, ['id', 'status', 'updated_at']);
  return maySeeSecrets(c) ? fields : { ...fields, url: maskedUrl(endpoint.url) };
};

/** Builds a new endpoint for its creator, who knows the whole URL. */
export const createdBody = fieldsOf;

/** Builds a secret for a response to a key that may see secrets. */
export const secretBody = ({
  secret,
  publicKey,
}: Pick<RevealedSecret, 'secret' | 'publicKey'>) => ({
  secret,
  ...omitNullish({ public_key: publicKey }),
});

export const revealedBody = (revealed: RevealedSecret) => ({
  ...secretBody(revealed),
  created_at: isoTime(revealed.createdAt),
  expires_at: isoTimeOrNull(revealed.expiresAt),
});
