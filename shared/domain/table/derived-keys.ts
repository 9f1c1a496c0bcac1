import { type Entity, entityKey } from '../memory/entities.ts';
import type { Key } from './items.ts';

/** Keys of what is made from memories: exports, profiles and their jobs. */

/** Key of a job that makes an export or profiles. The sweeper recognises by the kind that such a job may wait for a language model. */
export const derivationKey = (project: string, id: string): Key<'DERIVE'> => ({
  kind: 'DERIVE',
  pk: `J#${project}#${id}`,
  sk: 'DERIVE',
});
/** Partition of the exports of a project. */
export const exportsPk = (project: string): string => `R#${project}`;

export const exportKey = (project: string, id: string): Key<'EXPORT'> => ({
  kind: 'EXPORT',
  pk: exportsPk(project),
  sk: `EXPORT#${id}`,
});
export const exportPartKey = (project: string, id: string, number: number): Key<'EXPORT_PART'> => ({
  kind: 'EXPORT_PART',
  pk: `R#${project}#${id}`,
  sk: `EXPORT_PART#${String(number).padStart(4, '0')}`,
});
export const profileKey = (project: string, entity: Entity): Key<'PROFILE'> => ({
  kind: 'PROFILE',
  pk: `R#${project}#${entityKey(entity)}`,
  sk: 'PROFILE',
});
export const profileSettingsKey = (project: string): Key<'PROFILE_SETTINGS'> => ({
  kind: 'PROFILE_SETTINGS',
  pk: `P#${project}`,
  sk: 'PROFILE_SETTINGS',
});
