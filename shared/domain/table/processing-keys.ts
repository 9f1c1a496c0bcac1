import { type Entity, entityKey } from '../memory/entities.ts';
import type { Key } from './items.ts';

/* Keys of the processing of a scope on request. */

/** Key of the open tasks, in the partition of the scope's lease and pending turns. */
export const scopeTasksKey = (project: string, scope: string): Key<'TASKS'> => ({
  kind: 'TASKS',
  pk: `S#${project}#${scope}`,
  sk: 'TASKS',
});

/** Partition of the listing of a scope's tasks, open and final. */
export const taskListPk = (project: string, scope: string): string => `S#${project}#${scope}#TASKS`;

export const entitySettingsKey = (project: string, entity: Entity): Key<'ENTITY_SETTINGS'> => ({
  kind: 'ENTITY_SETTINGS',
  pk: `P#${project}`,
  sk: `ENTITY_SETTINGS#${entityKey(entity)}`,
});
