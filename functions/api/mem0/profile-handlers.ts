import type { Context } from 'hono';
import {
  changeProfileSettings,
  type FormChange,
  type ProfileSettingsChange,
  readProfileSettings,
} from '../../../shared/core/derived/profile-settings.ts';
import {
  type ProfileView,
  readProfile,
  readProfileJob,
  startProfiles,
} from '../../../shared/core/derived/profiles.ts';
import { getEntity, listEntityIds } from '../../../shared/core/retrieval/list-entities.ts';
import type { ProfileSettings } from '../../../shared/domain/derived/derived.ts';
import { withRows } from '../../../shared/domain/derived/memory-row.ts';
import {
  type EntityKind,
  entityKinds,
  type Owner,
} from '../../../shared/domain/memory/entities.ts';
import type { ProfileRun } from '../../../shared/domain/memory/event.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { idempotencyKeyOf, keyReused } from '../http/accept-turn.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { HttpError, invalid } from '../http/http-error.ts';
import { isoTimeOrNull } from '../http/instant.ts';
import { isRecord } from '../http/is-record.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { quotaExceeded } from '../http/quota.ts';
import type { ProfileJobBody, ProfileSettingsBody } from './derived-bodies.ts';
import { entityNotFound } from './entity-param.ts';
import { shapeFrom } from './requested-shape.ts';

/*
 * Handlers of the routes of profiles, loaded by the first request.
 */

/** Entities of a sample that names no number. */
const defaultSample = 10;

const profileBody = (type: string, id: string, { status, value, profile }: ProfileView) => ({
  profile: value === undefined ? {} : JSON.parse(value),
  status,
  entity_type: type,
  entity_id: id,
  updated_at: isoTimeOrNull(profile?.updatedAt),
  generation_count: profile?.generations ?? 0,
  error: status === 'failed' ? (profile?.error?.message ?? null) : null,
});

/** A job that ended is `failed` only if every profile of it failed. */
const jobStatus = (eventStatus: string, { total, failed }: ProfileRun): string => {
  if (eventStatus === 'SUCCEEDED') return total > 0 && failed === total ? 'failed' : 'succeeded';
  return eventStatus.toLowerCase();
};

const jobNotFound = (): HttpError =>
  new HttpError(404, 'profile_job_not_found', 'Profile job not found.');

/**
 * Answers with the profile of an entity.
 * @throws HttpError 404
 */
export const showProfile = async (
  platform: Platform,
  c: Context<ApiEnv>,
  entity: Owner,
): Promise<Response> => {
  const found = await readProfile(platform, c.get('principal').project, entity);
  if (!found) throw entityNotFound();
  return c.json(profileBody(entity.kind, entity.id, found));
};

/** Entities of a job. @throws HttpError 404 for one that is not listed */
const entitiesOf = async (
  platform: Platform,
  project: string,
  job: ProfileJobBody,
): Promise<string[]> => {
  const { entity_type: kind } = job;
  if (job.operation === 'sample')
    return listEntityIds(platform, project, kind, job.limit ?? defaultSample);
  const id = job.entity_id;
  if (id == null) throw invalid('entity_id', 'entity_id is required.');
  if (!(await getEntity(platform, project, { kind, id }))) throw entityNotFound();
  return [id];
};

const start = async (platform: Platform, c: Context<ApiEnv>, job: ProfileJobBody) => {
  const { project } = c.get('principal');
  const { enabled = true } = await readProfileSettings(platform, project);
  if (!enabled)
    throw new HttpError(
      409,
      'profiles_not_enabled',
      'Profiles are turned off: enable them by POST /v2/profiles/settings.',
    );
  const entities = await entitiesOf(platform, project, job);
  const { operation, entity_type: kind } = job;
  const key = idempotencyKeyOf(c);
  const started = await startProfiles(platform, project, {
    operation,
    kind,
    entities,
    ...omitNullish({ idempotencyKey: key }),
  });
  if (started.outcome === 'full') throw quotaExceeded(started);
  if (started.outcome === 'key_reused' || started.outcome === 'refused') throw keyReused();
  return { id: started.id, replayed: started.outcome === 'replayed', entities };
};

/**
 * Starts a job that generates profiles, and answers with the job.
 * @throws HttpError 400, 404, 409, 429
 */
export const startJob = async (
  platform: Platform,
  c: Context<ApiEnv>,
  job: ProfileJobBody,
): Promise<Response> => {
  const { id, replayed, entities } = await start(platform, c, job);
  const sampled =
    job.operation === 'sample' ? { sampled: entities.length, entity_ids: entities } : {};
  return c.json(
    {
      job_id: id,
      status: 'pending',
      status_url: `/v2/profiles/jobs/${id}/`,
      operation: job.operation,
      entity_type: job.entity_type,
      entity_count_reserved: entities.length,
      event_id: id,
      replayed,
      ...sampled,
    },
    202,
  );
};

/**
 * Answers with a job that generates profiles.
 * @throws HttpError 404
 */
export const showJob = async (
  platform: Platform,
  c: Context<ApiEnv>,
  id: string,
): Promise<Response> => {
  const found = await readProfileJob(platform, c.get('principal').project, id);
  if (!found) throw jobNotFound();
  const { run, status } = found;
  const { operation, kind, total, succeeded, failed, skipped } = run;
  const completed = succeeded + failed + skipped;
  return c.json({
    job: {
      id,
      operation,
      entity_type: kind,
      status: jobStatus(status, run),
      total,
      enumeration_complete: true,
      completed,
      succeeded,
      failed,
      skipped,
    },
  });
};

/** Settings that belong to one kind of entity. Clients of earlier versions sent them at the top. */
const flatSettings = ['schema', 'custom_instructions'];

const rejectFlat = (body: object): void => {
  const flat = flatSettings.filter((name) => isRecord(body) && body[name] !== undefined);
  const [first] = flat;
  if (first === undefined) return;
  throw invalid(
    first,
    `Unsupported settings: ${flat.join(', ')}. Send them under entities, such as {"entities": {"user": {"${first}": ...}}}.`,
  );
};

const settingsBody = ({ enabled = true, forms = {} }: ProfileSettings) => ({
  enabled,
  entities: Object.fromEntries(
    entityKinds.map((kind) => {
      const { schema, instructions = null } = forms[kind] ?? {};
      const parsed = schema === undefined ? null : JSON.parse(schema);
      return [kind, { schema: parsed, custom_instructions: instructions }];
    }),
  ),
  capabilities: { full_rebuild: false },
});

const schemaChange = (schema: unknown, field: string): FormChange['schema'] => {
  if (schema === undefined || schema === null) return schema;
  return { schema: JSON.stringify(schema), shape: withRows(shapeFrom(schema, field)) };
};

/** @throws HttpError 400 for a schema that cannot be used */
const profileChangeOf = ({ enabled, entities }: ProfileSettingsBody): ProfileSettingsChange => {
  const forms: { [kind in EntityKind]?: FormChange } = {};
  for (const kind of entityKinds) {
    const given = entities?.[kind];
    if (!given) continue;
    const field = `entities.${kind}.schema`;
    forms[kind] = {
      schema: schemaChange(given.schema, field),
      instructions: given.custom_instructions,
    };
  }
  return { enabled, forms };
};

/** Answers with the settings of profiles. */
export const showSettings = async (platform: Platform, c: Context<ApiEnv>): Promise<Response> =>
  c.json(settingsBody(await readProfileSettings(platform, c.get('principal').project)));

/**
 * Changes the settings of profiles, and answers with them.
 * @throws HttpError 400
 */
export const changeSettings = async (
  platform: Platform,
  c: Context<ApiEnv>,
  body: ProfileSettingsBody,
): Promise<Response> => {
  rejectFlat(body);
  const { project } = c.get('principal');
  const changed = await changeProfileSettings(platform, project, profileChangeOf(body));
  return c.json(settingsBody(changed));
};
