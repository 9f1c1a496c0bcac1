import type { Key } from './items.ts';

/* Keys of what is counted: requests, and tokens of the language model. */

/** Prefix of the sort keys of all usage items of an hour. */
export const usageHour = (hour: number): string => `USAGE#${new Date(hour).toISOString()}`;

export const usageKey = (project: string, hour: number, instance: string): Key<'USAGE'> => ({
  kind: 'USAGE',
  pk: `U#${project}`,
  sk: `${usageHour(hour)}#${instance}`,
});

/** Part of the tokens that a project, or the installation, has used of the language model on a day (UTC). */
export const spendKey = (
  owner: { project: string } | 'installation',
  day: number,
  shard: number,
): Key<'SPEND'> => ({
  kind: 'SPEND',
  pk: owner === 'installation' ? 'MODEL' : `U#${owner.project}`,
  sk: `SPEND#${new Date(day).toISOString().slice(0, 10)}#${shard}`,
});
