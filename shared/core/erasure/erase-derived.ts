import { namesAny, type Profile } from '../../domain/derived/derived.ts';
import { mapConcurrent } from '../../domain/map-concurrent.ts';
import { allNamed, type Entity, entityKey } from '../../domain/memory/entities.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import { exportKey, profileKey } from '../../domain/table/derived-keys.ts';
import type { Item } from '../../domain/table/items.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { resultIsAt } from '../conditions.ts';
import { emptyExpiry, emptyingWrites, readExports } from '../derived/derived-records.ts';
import { put } from '../steps.ts';

const emptyExport = async (
  platform: Platform,
  project: string,
  found: Item<'EXPORT'>,
  isConcerned: (sources: string) => boolean,
): Promise<void> => {
  let record: Item<'EXPORT'> | undefined = found;
  while (record?.sources !== undefined && isConcerned(record.sources)) {
    const ended = record.status === 'pending' ? undefined : { status: 'erased' as const };
    const { committed } = await commit(platform, emptyingWrites(project, record, ended));
    if (committed) return;
    record = await platform.store.get(exportKey(project, record.id));
  }
};

const eraseFromExports = async (
  platform: Platform,
  project: string,
  memories: readonly Memory[],
): Promise<void> => {
  const exports = await readExports(platform, project);
  if (exports.length === 0) return;
  const isConcerned = namesAny(memories.map(({ id }) => id));
  await mapConcurrent(exports, (record) => emptyExport(platform, project, record, isConcerned));
};

const concerns = ({ memories = [], reading = [] }: Profile, ids: ReadonlySet<string>): boolean =>
  memories.some((id) => ids.has(id)) || reading.some((id) => ids.has(id));

const emptyProfile = async (
  platform: Platform,
  project: string,
  entity: Entity,
  found: Item<'PROFILE'>,
  ids: ReadonlySet<string>,
): Promise<void> => {
  const key = profileKey(project, entity);
  let profile: Item<'PROFILE'> | undefined = found;
  while (profile && concerns(profile, ids)) {
    const { value: _, memories: __, reading: ___, ...kept } = profile;
    const next = {
      ...kept,
      status: 'pending' as const,
      version: profile.version + 1,
      ...emptyExpiry(platform.clock.now()),
    };
    const step = put(key, next, resultIsAt(profile.version));
    if ((await commit(platform, [step])).committed) return;
    profile = await platform.store.get(key);
  }
};

const eraseFromProfiles = async (
  platform: Platform,
  project: string,
  memories: readonly Memory[],
): Promise<void> => {
  const named = new Map(
    memories.flatMap(allNamed).map((entity) => [entityKey(entity), entity] as const),
  );
  const entities = [...named.values()];
  const profiles = await platform.store.getMany(entities.map((one) => profileKey(project, one)));
  const ids = new Set(memories.map(({ id }) => id));
  const found = entities.flatMap((entity, index) => {
    const profile = profiles[index];
    return profile ? [{ entity, profile }] : [];
  });
  await mapConcurrent(found, ({ entity, profile }) =>
    emptyProfile(platform, project, entity, profile, ids),
  );
};

/**
 * Erases exports and profiles that were made from deleted memories. Costs two reads, however many memories there are, and a write for
 * each result that is concerned. A result that is being made starts again: its writes are conditional on the version that this one
 * raises. Idempotent and safe to run concurrently; the caller's tombstones stay due until this has resolved.
 */
export const eraseDerived = async (
  platform: Platform,
  project: string,
  memories: readonly Memory[],
): Promise<void> => {
  const parts = [eraseFromExports, eraseFromProfiles];
  await mapConcurrent(parts, (erase) => erase(platform, project, memories));
};
