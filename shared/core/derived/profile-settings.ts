import type { ProfileForm, ProfileSettings } from '../../domain/derived/derived.ts';
import { type EntityKind, entityKinds } from '../../domain/memory/entities.ts';
import { profileSettingsKey } from '../../domain/table/derived-keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { resultIsAt } from '../conditions.ts';
import { put } from '../steps.ts';

/** Changes of the settings: null removes a value, undefined leaves it as it is. */
export interface ProfileSettingsChange {
  enabled?: boolean | null | undefined;
  forms: { [kind in EntityKind]?: FormChange };
}

export interface FormChange {
  /** The schema as it was sent, and what is followed of it. */
  schema?: Required<Pick<ProfileForm, 'schema' | 'shape'>> | null | undefined;
  instructions?: string | null | undefined;
}

/** Reads the settings of a project; version 0 and no values when none was ever changed. Strongly consistent. */
export const readProfileSettings = async (
  { store }: Pick<Platform, 'store'>,
  project: string,
): Promise<ProfileSettings> => (await store.get(profileSettingsKey(project))) ?? { version: 0 };

const changedForm = (form: ProfileForm, { schema, instructions }: FormChange): ProfileForm => {
  const { schema: oldSchema, shape: oldShape, instructions: oldInstructions } = form;
  const kept =
    oldSchema === undefined || oldShape === undefined
      ? null
      : { schema: oldSchema, shape: oldShape };
  const text = instructions === undefined ? oldInstructions : instructions;
  return {
    ...(schema === undefined ? kept : schema),
    ...(text == null || text === '' ? {} : { instructions: text }),
  };
};

const changed = (
  { version, enabled: wasEnabled, forms = {} }: ProfileSettings,
  { enabled, forms: changes }: ProfileSettingsChange,
): ProfileSettings => {
  const isEnabled = enabled === undefined ? wasEnabled : enabled;
  const next: { [kind in EntityKind]?: ProfileForm } = { ...forms };
  for (const kind of entityKinds) {
    const change = changes[kind];
    if (change) next[kind] = changedForm(forms[kind] ?? {}, change);
  }
  return {
    version: version + 1,
    ...(isEnabled == null ? {} : { enabled: isEnabled }),
    forms: next,
  };
};

/**
 * Changes the given settings of profiles and keeps the others. Concurrent changes are applied one after the other, none is lost.
 * Safe to repeat. Profiles that are generated after the answer use the new settings.
 */
export const changeProfileSettings = async (
  platform: Pick<Platform, 'store' | 'clock' | 'ids'>,
  project: string,
  change: ProfileSettingsChange,
): Promise<ProfileSettings> => {
  for (;;) {
    const settings = await readProfileSettings(platform, project);
    const next = changed(settings, change);
    const step = put(profileSettingsKey(project), next, resultIsAt(settings.version));
    if ((await commit(platform, [step])).committed) return next;
  }
};
