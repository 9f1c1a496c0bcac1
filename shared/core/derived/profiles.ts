import type { Profile } from '../../domain/derived/derived.ts';
import { digestOf } from '../../domain/digest.ts';
import type { EntityKind, Owner } from '../../domain/memory/entities.ts';
import type { ProfileRun } from '../../domain/memory/event.ts';
import { derivationKey, profileKey } from '../../domain/table/derived-keys.ts';
import type { Item } from '../../domain/table/items.ts';
import { eventKey, idempotencyKey } from '../../domain/table/keys.ts';
import { dayMs } from '../../domain/time.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { requestIsNew, resultIsAt } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { existingRecord } from '../idempotency.ts';
import { countOne, type QuotaExceeded } from '../projects/quota.ts';
import { getEntity } from '../retrieval/list-entities.ts';
import { readabilityOf } from '../retrieval/readable-turns.ts';
import { newEvent, put } from '../steps.ts';
import { emptyExpiry } from './derived-records.ts';
import { runningDerivations } from './exports.ts';
import { readProfileSettings } from './profile-settings.ts';
import { listSources } from './sources.ts';

/** How long an idempotency key is valid, ms. */
const keyWindowMs = dayMs;

export interface ProfileJobRequest {
  operation: ProfileRun['operation'];
  kind: EntityKind;
  entities: readonly string[];
  idempotencyKey?: string;
}

export type ProfileJobStart =
  | { outcome: 'begun' | 'replayed'; id: string }
  | { outcome: 'key_reused' }
  | QuotaExceeded;

const requestOf = ({ operation, kind, entities }: ProfileJobRequest): string =>
  digestOf(JSON.stringify([operation, kind, operation === 'sample' ? entities.length : entities]));

/** Claims the idempotency key of a request for 24 hours. */
const keyWrite = (
  project: string,
  id: string,
  request: ProfileJobRequest,
  createdAt: number,
): Step[] =>
  request.idempotencyKey === undefined
    ? []
    : [
        put(
          idempotencyKey(project, digestOf(`profiles:${request.idempotencyKey}`)),
          {
            event: id,
            turn: id,
            request: requestOf(request),
            createdAt,
            expiresAt: createdAt + keyWindowMs,
          },
          requestIsNew,
        ),
      ];

const newJob = (
  project: string,
  id: string,
  { operation, kind, entities }: ProfileJobRequest,
  createdAt: number,
): Step[] => {
  const [only, ...others] = entities;
  const named = only !== undefined && others.length === 0 ? { [kind]: only } : {};
  const counts = { succeeded: 0, failed: 0, skipped: 0 };
  const profiles = { operation, kind, total: entities.length, ...counts };
  const task = { makes: 'profiles' as const, of: kind, entities: [...entities], position: 0 };
  return [
    newEvent({ id, project, kind: 'PROFILE', entities: named, createdAt, profiles }),
    put(derivationKey(project, id), { id, project, task, createdAt, dueAt: createdAt }),
  ];
};

/**
 * Starts a job that generates the profiles of entities. Returns its id, which is that of the event as well. Event, job and
 * idempotency key are committed together, so a crash leaves all or none; with a key, a repeated call returns the first job.
 * @param besides further writes of the transaction; one that is refused starts no job
 */
export const startProfiles = async (
  platform: Platform,
  project: string,
  request: ProfileJobRequest,
  besides: (id: string) => readonly Step[] = () => [],
): Promise<ProfileJobStart | { outcome: 'refused' }> => {
  const running = runningDerivations(platform, project);
  for (;;) {
    const id = platform.ids.next();
    const createdAt = platform.clock.now();
    const counted = await countOne(platform, project, 'derivations', id, running);
    if ('outcome' in counted) return counted;
    const result = await commit(platform, [
      ...newJob(project, id, request, createdAt),
      ...keyWrite(project, id, request, createdAt),
      ...besides(id),
      counted,
    ]);
    if (result.committed) {
      await enqueueHints(platform, [hints.derive(project, id)]);
      return { outcome: 'begun', id };
    }
    const earlier = existingRecord(result);
    if (earlier)
      return earlier.request === requestOf(request)
        ? { outcome: 'replayed', id: earlier.event }
        : { outcome: 'key_reused' };
    if (result.refusals.some(({ condition }) => condition === 'resultIsAt'))
      return { outcome: 'refused' };
  }
};

/** Profile as readers see it. */
export interface ProfileView {
  status: Profile['status'] | 'not_enabled';
  value?: string;
  profile?: Item<'PROFILE'>;
}

const isRunning = async (
  { store }: Platform,
  project: string,
  job: string | undefined,
): Promise<boolean> =>
  job !== undefined && (await store.get(derivationKey(project, job))) !== undefined;

/** Whether the memories of a profile are all kept: a deletion that was answered before is seen. */
const isWhole = async (
  platform: Platform,
  project: string,
  { value, memories = [] }: Profile,
): Promise<boolean> => {
  if (value === undefined) return false;
  const { isKept } = await readabilityOf(platform, project, [], memories);
  return memories.every(isKept);
};

/** Starts the generation of a profile that is missing. A concurrent start is refused by the version of the profile. */
const generate = (
  platform: Platform,
  project: string,
  entity: Owner,
  profile: Profile | undefined,
): Promise<unknown> => {
  const { version = 0, generations = 0 } = profile ?? {};
  const { kind, id } = entity;
  const pending = { kind, id, version: version + 1, generations, status: 'pending' as const };
  return startProfiles(platform, project, { operation: 'trigger', kind, entities: [id] }, (job) => [
    put(
      profileKey(project, entity),
      { ...pending, job, ...emptyExpiry(platform.clock.now()) },
      resultIsAt(version),
    ),
  ]);
};

/**
 * Reads the profile of an entity; undefined for an entity that is not listed. Strongly consistent: a profile with a memory whose
 * deletion was answered before is not shown. A profile that is missing is generated: the first read starts the job. Safe to repeat
 * and to run concurrently: one job is started.
 */
export const readProfile = async (
  platform: Platform,
  project: string,
  entity: Owner,
): Promise<ProfileView | undefined> => {
  if (!(await getEntity(platform, project, entity))) return undefined;
  const { enabled = true } = await readProfileSettings(platform, project);
  if (!enabled) return { status: 'not_enabled' };
  const profile = await platform.store.get(profileKey(project, entity));
  if (profile && (await isWhole(platform, project, profile))) {
    const { value = '' } = profile;
    return { status: 'succeeded', value, profile };
  }
  const seen = profile ? { profile } : {};
  if (await isRunning(platform, project, profile?.job)) return { status: 'pending', ...seen };
  if (profile?.status === 'failed') return { status: 'failed', ...seen };
  const filter = { entity: entity.kind, is: entity.id };
  const [any] = await listSources(platform, project, filter, 1);
  if (!any) return { status: 'insufficient_data', ...seen };
  await generate(platform, project, entity, profile);
  return { status: 'pending', ...seen };
};

/** A job that generates profiles, as its event reports it. */
export interface ProfileJobView {
  run: ProfileRun;
  status: Item<'EVENT'>['status'];
}

/** Reads a job that generates profiles; undefined for an id that is not one of such a job. */
export const readProfileJob = async (
  { store }: Pick<Platform, 'store'>,
  project: string,
  id: string,
): Promise<ProfileJobView | undefined> => {
  const event = await store.get(eventKey(project, id));
  return event?.profiles && { run: event.profiles, status: event.status };
};
