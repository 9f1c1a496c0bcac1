import * as z from 'zod';
import { EndpointId, Time, warnings } from '../../http/answers.openapi.ts';

const ids = z.array(z.string()).optional();

const fields = {
  id: EndpointId,
  url: z.string(),
  name: z.string(),
  description: z.string(),
  status: z.enum(['active', 'paused', 'disabled']),
  status_reason: z.enum(['requested', 'gone', 'failing']).nullable(),
  status_since: Time.nullable(),
  event_types: z.array(z.string()),
  filters: z.object({ user_id: ids, agent_id: ids, app_id: ids, run_id: ids }),
  header_names: z
    .array(z.string())
    .meta({ description: 'Names of your own headers. Their values are never shown.' }),
  rate_limit: z.number().nullable(),
  max_in_flight: z.int(),
  ordered: z.boolean(),
  created_at: Time,
  updated_at: Time,
};

export const Endpoint = z.object(fields).meta({ id: 'Endpoint' });

const EndpointReceipt = Endpoint.pick({ id: true, status: true, updated_at: true }).meta({
  id: 'EndpointReceipt',
  description: 'The endpoint for a key without `read`.',
});

export const EndpointOrReceipt = z.union([Endpoint, EndpointReceipt]);

export const ChangedEndpoint = z.union([
  Endpoint.extend({ warnings }).meta({ id: 'ChangedEndpoint' }),
  EndpointReceipt.extend({ warnings }).meta({ id: 'ChangedEndpointReceipt' }),
]);

const secretFields = {
  secret: z.string().meta({ description: 'Of `v1` the HMAC key, of `v1a` the private key.' }),
  public_key: z.string().optional().meta({ description: 'Of `v1a` the public key.' }),
};

export const CreatedEndpoint = z
  .object({ ...fields, ...secretFields, warnings })
  .meta({ id: 'CreatedEndpoint' });

const recover_since = Time.nullable().meta({
  description: 'When the endpoint was paused or disabled.',
});

export const ResumedEndpoint = z.union([
  Endpoint.extend({ recover_since }).meta({ id: 'ResumedEndpoint' }),
  EndpointReceipt.extend({ recover_since }).meta({ id: 'ResumedEndpointReceipt' }),
]);

export const DeletedEndpoint = z.object({ id: EndpointId, deleted: z.literal(true) });

export const Secrets = z
  .object({
    ...secretFields,
    secrets: z
      .array(z.object({ ...secretFields, created_at: Time, expires_at: Time.nullable() }))
      .meta({ description: 'All secrets that are valid now, newest first.' }),
  })
  .meta({ id: 'EndpointSecrets' });

export const RotatedSecret = z
  .object({ ...secretFields, old_valid_until: Time })
  .meta({ id: 'RotatedSecret' });

/** Codes of a URL, header or other field that an endpoint cannot have. */
export const refusals = [
  'unknown_event_type',
  'bad_rate_limit',
  'bad_max_in_flight',
  'bad_secret',
  'header_refused',
  'url_too_long',
  'url_invalid',
  'url_credentials',
  'url_not_https',
  'url_ip_literal',
  'url_port',
  'url_private_name',
  'blocked_address',
];
