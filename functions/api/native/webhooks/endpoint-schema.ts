import * as z from 'zod';
import type { EndpointPatch } from '../../../../shared/core/webhooks/endpoint-request.ts';
import {
  defaultMaxInFlight,
  type EndpointFilters,
} from '../../../../shared/domain/webhooks/endpoint.ts';
import { EntityMatch } from '../../http/entity-ids.ts';
import { limits } from '../../http/limits.ts';
import { listOf, nonEmptyListOf } from '../../http/list-of.ts';
import { omitNullish } from '../../http/omit-nullish.ts';

/** An id, or a list of ids of which any matches. */
const Ids = z
  .union([EntityMatch, nonEmptyListOf(EntityMatch, limits.endpointFilterIds)], {
    error: `must be an id or a list of up to ${limits.endpointFilterIds} ids, each 1 to 256 characters long`,
  })
  .transform((ids) => [ids].flat());

const onlyIds = 'is not one of user_id, agent_id, app_id and run_id';

const Filters = z
  .strictObject(
    {
      user_id: Ids.nullish(),
      agent_id: Ids.nullish(),
      app_id: Ids.nullish(),
      run_id: Ids.nullish(),
    },
    { error: (issue) => (issue.code === 'unrecognized_keys' ? onlyIds : undefined) },
  )
  .transform(
    ({ user_id: user, agent_id: agent, app_id: app, run_id: run }): EndpointFilters =>
      omitNullish({ user, agent, app, run }),
  );

const url = z.string().min(1);
const event_types = listOf(z.string().max(100), limits.endpointEventTypes);

/** Fields that may be missing. The core validates the ranges of values. */
const optionalFields = {
  name: z.string().max(200).nullish(),
  description: z.string().max(2_000).nullish(),
  headers: z.record(z.string(), z.string()).nullish(),
  filters: Filters.nullish(),
  rate_limit: z.number().nullish(),
  max_in_flight: z.number().nullish(),
  ordered: z.boolean().nullish(),
};

export const CreateBody = z
  .object({
    url,
    event_types,
    ...optionalFields,
    secret: z.string().nullish(),
    signing: z.enum(['v1', 'v1a']).nullish(),
  })
  .transform(({ url, event_types, rate_limit, max_in_flight, ...rest }) => ({
    url,
    eventTypes: event_types,
    ...omitNullish({ rateLimit: rate_limit, maxInFlight: max_in_flight, ...rest }),
  }));

const orDefault = <T>(value: T | null | undefined, fallback: T): T | undefined =>
  value === null ? fallback : value;

/** Changes only the given fields; null resets a field to its default. */
export const PatchBody = z
  .object({ url: url.optional(), event_types: event_types.nullish(), ...optionalFields })
  .transform(
    (body): EndpointPatch => ({
      ...omitNullish({
        url: body.url,
        eventTypes: orDefault(body.event_types, []),
        name: orDefault(body.name, ''),
        description: orDefault(body.description, ''),
        headers: orDefault(body.headers, {}),
        filters: orDefault(body.filters, {}),
        maxInFlight: orDefault(body.max_in_flight, defaultMaxInFlight),
        ordered: orDefault(body.ordered, false),
      }),
      ...(body.rate_limit === undefined ? {} : { rateLimit: body.rate_limit }),
    }),
  );
