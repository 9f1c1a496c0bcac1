import type { Project } from '../../domain/project.ts';
import type { ProjectSettings, VersionedSettings } from '../../domain/project-settings.ts';
import { projectKey, projectSettingsKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Condition } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { put } from '../steps.ts';

/** Changes of settings: null removes a setting, so that its default applies; undefined leaves it as it is. */
export type SettingsChange = {
  [name in keyof ProjectSettings]?: NonNullable<ProjectSettings[name]> | null | undefined;
};

/** The settings are at the version that was read (0: there were none), so no concurrent change is lost. */
const settingsAreAt = (version: number): Condition => ({
  name: 'settingsAreAt',
  test: version === 0 ? { is: 'absent' } : { attribute: 'version', equals: version },
});

/** Returns the settings of a project; undefined when none was ever changed. Strongly consistent. */
export const readSettings = (
  { store }: Pick<Platform, 'store'>,
  project: string,
): Promise<VersionedSettings | undefined> => store.get(projectSettingsKey(project));

/** Returns a project and its settings. Strongly consistent. */
export const readProject = async (
  platform: Pick<Platform, 'store'>,
  id: string,
): Promise<{ project: Project | undefined; settings: VersionedSettings | undefined }> => {
  const [project, settings] = await Promise.all([
    platform.store.get(projectKey(id)),
    readSettings(platform, id),
  ]);
  return { project, settings };
};

const changed = (settings: ProjectSettings, change: SettingsChange): ProjectSettings => {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  const all = { ...settings, ...Object.fromEntries(given) };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
};

/**
 * Changes the given settings of a project and keeps the others. Concurrent changes are applied one after the other, none is
 * lost. Safe to repeat. Turns that are decided after the answer use the new settings.
 */
export const changeSettings = async (
  platform: Pick<Platform, 'store' | 'clock' | 'ids'>,
  project: string,
  change: SettingsChange,
): Promise<void> => {
  for (;;) {
    const { version = 0, ...settings } = (await readSettings(platform, project)) ?? {};
    const next: VersionedSettings = {
      ...changed(settings, change),
      version: version + 1,
      updatedAt: platform.clock.now(),
    };
    const key = projectSettingsKey(project);
    const result = await commit(platform, [put(key, next, settingsAreAt(version))]);
    if (result.committed) return;
  }
};
