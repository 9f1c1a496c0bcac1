import type { ItemKind, Key } from './items.ts';

/** Kinds that are recognised by their partition, because their sort keys are arbitrary names. */
type PartitionKind = 'SETTING' | 'PROJECT' | 'ENTITY';

/** First part of the sort key of every other kind. The type makes sure that no kind is missing. */
const sortKeyPrefixes: { readonly [kind in Exclude<ItemKind, PartitionKind>]: string } = {
  LEASE: 'LEASE',
  PEND: 'PEND',
  PLAN: 'PLAN',
  TASKS: 'TASKS',
  TURN: 'TURN',
  FILES: 'FILES',
  EVENT: 'EVENT',
  CHANGES: 'CHANGES',
  MEMORY: 'MEMORY',
  REV: 'REV',
  RESTATED: 'RESTATED',
  LISTED: 'MEM',
  CLOSED: 'CLOSED',
  LISTED_TURN: 'TURN_LISTED',
  RECENT: 'RECENT',
  WORDS: 'WORDS',
  OUTBOX: 'OUTBOX',
  IDEM: 'IDEM',
  JOB: 'JOB',
  DERIVE: 'DERIVE',
  EXPORT: 'EXPORT',
  EXPORT_PART: 'EXPORT_PART',
  PROFILE: 'PROFILE',
  PROFILE_SETTINGS: 'PROFILE_SETTINGS',
  KEY: 'KEY',
  ENDPOINT: 'ENDPOINT',
  SECRET: 'SECRET',
  LIMITER: 'LIMITER',
  BACKLOG: 'BACKLOG',
  ORDERING: 'ORDERING',
  NOTIFICATION: 'NOTIFICATION',
  DELIVERY: 'DELIVERY',
  ATTEMPT: 'ATTEMPT',
  RECOVERY: 'RECOVERY',
  POLL: 'POLL',
  QUOTA: 'QUOTA',
  PROJECT_SETTINGS: 'PROJECT_SETTINGS',
  ENTITY_SETTINGS: 'ENTITY_SETTINGS',
  OUTAGE: 'OUTAGE',
  SPEND: 'SPEND',
  EPOCH: 'EPOCH',
  USAGE: 'USAGE',
};

const isKind = (name: string): name is keyof typeof sortKeyPrefixes => name in sortKeyPrefixes;

const kindByPrefix = new Map(
  Object.keys(sortKeyPrefixes)
    .filter(isKind)
    .map((kind) => [sortKeyPrefixes[kind], kind]),
);

const kindByPartition = (pk: string): PartitionKind | undefined => {
  if (pk === 'SETTINGS') return 'SETTING';
  if (pk === 'PROJECTS') return 'PROJECT';
  return pk.startsWith('P#') && pk.endsWith('#ENT') ? 'ENTITY' : undefined;
};

/**
 * Returns the kind of the item at a key, derived from the key alone, for stores that do not store the kind.
 * Undefined for a key that this version never writes.
 */
export const kindOfKey = ({ pk, sk }: Omit<Key, 'kind'>): ItemKind | undefined => {
  const [prefix = ''] = sk.split('#', 1);
  return kindByPartition(pk) ?? kindByPrefix.get(prefix);
};
