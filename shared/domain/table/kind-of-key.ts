import type { ItemKind, Key } from './items.ts';

/** Kinds with a partition of their own, in which sort keys are names that may look like anything. */
type ParsedKey = 'SETTING' | 'PROJECT' | 'ENTITY';

/** First part of the sort key of every other kind, as a record so that none is forgotten. */
const starts: { readonly [kind in Exclude<ItemKind, ParsedKey>]: string } = {
  HEAD: 'HEAD',
  PEND: 'PEND',
  PLAN: 'PLAN',
  TURN: 'TURN',
  EVENT: 'EVENT',
  CHANGES: 'CHANGES',
  MEMORY: 'MEMORY',
  REV: 'REV',
  FILED: 'MEM',
  RETRACTED: 'RETRACTED',
  RECENT: 'RECENT',
  OUTBOX: 'OUTBOX',
  IDEM: 'IDEM',
  JOB: 'JOB',
  KEY: 'KEY',
  ENDPOINT: 'ENDPOINT',
  SECRET: 'SECRET',
  GATE: 'GATE',
  PARK: 'PARK',
  LANE: 'LANE',
  NOTIFICATION: 'NOTIFICATION',
  DELIVERY: 'DELIVERY',
  ATTEMPT: 'ATTEMPT',
  RECOVERY: 'RECOVERY',
  POLLED: 'POLLED',
  QUOTA: 'QUOTA',
  OUTAGE: 'OUTAGE',
  USAGE: 'USAGE',
};

const isKind = (name: string): name is keyof typeof starts => name in starts;

const byStart = new Map(
  Object.keys(starts)
    .filter(isKind)
    .map((kind) => [starts[kind], kind]),
);

const namedIn = (pk: string): ParsedKey | undefined => {
  if (pk === 'SETTINGS') return 'SETTING';
  if (pk === 'PROJECTS') return 'PROJECT';
  return pk.startsWith('P#') && pk.endsWith('#ENT') ? 'ENTITY' : undefined;
};

/**
 * What stands at a place of the table, by the layout of the keys alone: for stores that do not keep the kind.
 * Undefined where no key of this version leads.
 */
export const kindOfKey = ({ pk, sk }: Omit<Key, 'kind'>): ItemKind | undefined => {
  const [start = ''] = sk.split('#', 1);
  return namedIn(pk) ?? byStart.get(start);
};
