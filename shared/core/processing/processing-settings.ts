import { type Entity, entityKey } from '../../domain/memory/entities.ts';
import { defaultThreshold, type ProcessingSettings } from '../../domain/processing.ts';
import type { RedactionRules } from '../../domain/sensitive/sensitive.ts';
import { endpointKey, pollMarkerKey } from '../../domain/table/keys.ts';
import { entitySettingsKey } from '../../domain/table/processing-keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { changeSettings, readSettings } from '../projects/project-settings.ts';
import { put, remove } from '../steps.ts';

type SettingsPlatform = Pick<Platform, 'store' | 'clock' | 'ids' | 'caches'>;

/** Longest time for which another process accepts turns by former settings. */
const ttlMs = 5_000;
/** Bound of the cache, in projects and entities. */
const maxCached = 2_000;

/** Settings with the defaults of those that are not set. */
export interface EffectiveProcessing {
  autoProcess: boolean;
  batchThreshold: number;
  idleSeconds?: number;
}

interface StoredProcessing extends ProcessingSettings {
  hasEntitySettings?: boolean;
  redaction?: RedactionRules;
  /** Whether the project has an endpoint or polls: a turn that is accepted then gets an outbox of its acceptance. */
  isNotified?: boolean;
}

const pick = ({ autoProcess, batchThreshold, idleSeconds }: ProcessingSettings) => ({
  ...(autoProcess === undefined ? {} : { autoProcess }),
  ...(batchThreshold === undefined ? {} : { batchThreshold }),
  ...(idleSeconds === undefined ? {} : { idleSeconds }),
});

/** Settings as they apply: each one from the first of the sources that has it. */
export const effectiveProcessing = (
  ...sources: readonly ProcessingSettings[]
): EffectiveProcessing => ({
  autoProcess: true,
  batchThreshold: defaultThreshold,
  ...Object.assign({}, ...sources.toReversed().map(pick)),
});

/** Returns what is cached under a name, or reads it. A failed read is not cached. */
const cached = async (
  { caches, clock }: SettingsPlatform,
  name: string,
  read: () => Promise<StoredProcessing | undefined>,
): Promise<StoredProcessing> => {
  caches.processing ??= new Map();
  const cache = caches.processing;
  const known = cache.get(name);
  if (known && known.until > clock.now()) return known.settings;
  const settings = read().then((found) => found ?? {});
  cache.delete(name);
  cache.set(name, { until: clock.now() + ttlMs, settings });
  const [oldest] = cache.keys();
  if (cache.size > maxCached && oldest !== undefined) cache.delete(oldest);
  try {
    return await settings;
  } catch (error) {
    if (cache.get(name)?.settings === settings) cache.delete(name);
    throw error;
  }
};

/** Returns the settings of a project that apply to a text or turn that is accepted now. Cached for 5 seconds. */
export const cachedProjectSettings = (
  platform: SettingsPlatform,
  project: string,
): Promise<StoredProcessing> =>
  cached(platform, project, async () => {
    const { store } = platform;
    const { pk } = endpointKey(project, '');
    const [settings, endpoints, polls] = await Promise.all([
      readSettings(platform, project),
      store.query({ kind: 'ENDPOINT', pk, prefix: 'ENDPOINT#', limit: 1 }),
      store.get(pollMarkerKey(project)),
    ]);
    // A page that is not the last one counts as one with an endpoint.
    const isNotified = endpoints.items.length > 0 || endpoints.next !== undefined || !!polls;
    return { ...settings, isNotified };
  });

const entityName = (project: string, entity: Entity): string => `${project} ${entityKey(entity)}`;

/**
 * Returns the settings of a project and of one of its entities, in force for a turn that is accepted now. Cached for 5 seconds; those
 * of entities are only looked up where some entity of the project has its own.
 */
export const processingSettings = async (
  platform: SettingsPlatform,
  project: string,
  entity: Entity,
): Promise<{ project: ProcessingSettings; entity: ProcessingSettings }> => {
  const { store } = platform;
  const ofProject = await cachedProjectSettings(platform, project);
  const ofEntity = ofProject.hasEntitySettings
    ? await cached(platform, entityName(project, entity), () =>
        store.get(entitySettingsKey(project, entity)),
      )
    : {};
  return { project: pick(ofProject), entity: pick(ofEntity) };
};

/** Forgets what is cached of a project whose settings or endpoints this process changed, and of an entity. */
export const forgetProcessing = (
  { caches }: Pick<SettingsPlatform, 'caches'>,
  project: string,
  entity?: Entity,
): void => {
  caches.processing?.delete(project);
  if (entity) caches.processing?.delete(entityName(project, entity));
};

/** Reads the settings of an entity and of its project, strongly consistent. */
export const readEntitySettings = async (
  platform: Pick<SettingsPlatform, 'store'>,
  project: string,
  entity: Entity,
): Promise<{ project: ProcessingSettings; entity: ProcessingSettings }> => {
  const [ofProject, ofEntity] = await Promise.all([
    readSettings(platform, project),
    platform.store.get(entitySettingsKey(project, entity)),
  ]);
  return { project: pick(ofProject ?? {}), entity: pick(ofEntity ?? {}) };
};

/**
 * Replaces the settings of an entity; without any they are removed. Turns that are accepted after the answer follow them, in other
 * processes after 5 seconds at most; turns that wait already stay as they are. Safe to repeat: the project is marked first, so a crash
 * in between leaves no settings that are not looked up.
 */
export const setEntitySettings = async (
  platform: SettingsPlatform,
  project: string,
  entity: Entity,
  settings: ProcessingSettings,
): Promise<void> => {
  const key = entitySettingsKey(project, entity);
  const isEmpty = Object.keys(pick(settings)).length === 0;
  if (!isEmpty && !(await readSettings(platform, project))?.hasEntitySettings)
    await changeSettings(platform, project, { hasEntitySettings: true });
  const write = isEmpty
    ? remove(key)
    : put(key, { ...pick(settings), updatedAt: platform.clock.now() });
  await commit(platform, [write]);
  forgetProcessing(platform, project, entity);
};
