import { allNamed, anyId, type Entity, entityKey, type Tagged } from '../memory/entities.ts';
import type { Partition } from '../memory/filter.ts';
import type { QuotaKind } from '../quota.ts';
import { sha256Start } from '../sha256.ts';
import { type Delivery, parseDeliveryId } from '../webhooks/delivery.ts';
import type { Key, Restatement } from './items.ts';

/**
 * Keys of every kind of item (`Items` in items.ts lists the partitions). The first character of a partition key names the kind of
 * partition. Items under one prefix of the sort key sort by time, since ids do; padded numbers sort as text.
 */

/** Number of partitions of a busy listing, over which its writes are spread. Changing this number means moving data. */
export const shards = 8;

export const shardOf = (id: string): number => (sha256Start(id) >> 8) % shards;

export const scopeLeaseKey = (project: string, scope: string): Key<'LEASE'> => ({
  kind: 'LEASE',
  pk: `S#${project}#${scope}`,
  sk: 'LEASE',
});
export const pendingKey = (project: string, scope: string, turn: string): Key<'PEND'> => ({
  kind: 'PEND',
  pk: `S#${project}#${scope}`,
  sk: `PEND#${turn}`,
});
export const planKey = (project: string, scope: string, turn: string): Key<'PLAN'> => ({
  kind: 'PLAN',
  pk: `S#${project}#${scope}`,
  sk: `PLAN#${turn}`,
});
export const turnKey = (project: string, turn: string): Key<'TURN'> => ({
  kind: 'TURN',
  pk: `T#${project}#${turn}`,
  sk: 'TURN',
});
export const filesKey = (project: string, turn: string): Key<'FILES'> => ({
  kind: 'FILES',
  pk: `T#${project}#${turn}`,
  sk: 'FILES',
});
export const eventKey = (project: string, event: string): Key<'EVENT'> => ({
  kind: 'EVENT',
  pk: `E#${project}#${event}`,
  sk: 'EVENT',
});
export const changesKey = (project: string, event: string): Key<'CHANGES'> => ({
  kind: 'CHANGES',
  pk: `E#${project}#${event}`,
  sk: 'CHANGES',
});
export const memoryKey = (project: string, memory: string): Key<'MEMORY'> => ({
  kind: 'MEMORY',
  pk: `M#${project}#${memory}`,
  sk: 'MEMORY',
});
export const revisionKey = (project: string, memory: string, version: number): Key<'REV'> => ({
  kind: 'REV',
  pk: `M#${project}#${memory}`,
  sk: `REV#${String(version).padStart(7, '0')}`,
});
export const restatementKey = (
  project: string,
  memory: string,
  { turn, position }: Pick<Restatement, 'turn' | 'position'>,
): Key<'RESTATED'> => ({
  kind: 'RESTATED',
  pk: `M#${project}#${memory}`,
  sk: `RESTATED#${turn}#${position}`,
});
/** Outboxes of one scope share a partition, so that ordered fan-out finds the earlier ones. */
export const outboxKey = (project: string, scope: string, id: string): Key<'OUTBOX'> => ({
  kind: 'OUTBOX',
  pk: `O#${project}#${scope}`,
  sk: `OUTBOX#${id}`,
});
export const idempotencyKey = (project: string, hash: string): Key<'IDEM'> => ({
  kind: 'IDEM',
  pk: `I#${project}#${hash}`,
  sk: 'IDEM',
});
export const jobKey = (project: string, id: string): Key<'JOB'> => ({
  kind: 'JOB',
  pk: `J#${project}#${id}`,
  sk: 'JOB',
});
export const apiKeyKey = (id: string): Key<'KEY'> => ({ kind: 'KEY', pk: `K#${id}`, sk: 'KEY' });
export const projectKey = (id: string): Key<'PROJECT'> => ({
  kind: 'PROJECT',
  pk: 'PROJECTS',
  sk: `PROJECT#${id}`,
});
export const settingKey = (name: string): Key<'SETTING'> => ({
  kind: 'SETTING',
  pk: 'SETTINGS',
  sk: name,
});

/** State of the language model's circuit breaker, of the whole installation. */
export const outageKey = (): Key<'OUTAGE'> => ({ kind: 'OUTAGE', pk: 'MODEL', sk: 'OUTAGE' });

/** Key of an entity record. Records with the id `*` have the cutoffs of wildcard delete-alls. */
export const entityRecordKey = (project: string, entity: Entity): Key<'ENTITY'> => ({
  kind: 'ENTITY',
  pk: `P#${project}#ENT`,
  sk: entityKey(entity),
});

/** Copies of the epoch of a project. The number may be raised, but not lowered. */
const epochCopies = 64;

/** Keys of all copies of the epoch, which changes with each delete-all of an agent, an app, or a whole kind of entities. */
export const epochKeys = (project: string): Key<'EPOCH'>[] =>
  Array.from({ length: epochCopies }, (_, copy) => ({
    kind: 'EPOCH',
    pk: `P#${project}#EPOCH#${copy}`,
    sk: 'EPOCH',
  }));

/** Key of the copy that the transactions of a scope check: those of other scopes check other copies. */
export const epochKey = (project: string, scope: string): Key<'EPOCH'> => {
  const copy = sha256Start(scope) % epochCopies;
  return { kind: 'EPOCH', pk: `P#${project}#EPOCH#${copy}`, sk: 'EPOCH' };
};

/** Keys of all entity records whose cutoffs may hide `subject`. */
export const cutoffKeys = (project: string, subject: Tagged): Key<'ENTITY'>[] =>
  allNamed(subject).flatMap(({ kind, id }) => [
    entityRecordKey(project, { kind, id }),
    entityRecordKey(project, { kind, id: anyId }),
  ]);

/** Name of a listing. The listing of the whole project is named `project#*`. */
const listingName = (partition: Partition): string =>
  partition === 'project' ? 'project#*' : entityKey(partition);

/** Whether a listing is sharded. Listings of users and runs have too few writes to need shards. */
const isBusy = (partition: Partition): boolean =>
  partition === 'project' || partition.kind === 'agent' || partition.kind === 'app';

const listingPk = (project: string, partition: Partition, id: string): string => {
  const pk = `X#${project}#${listingName(partition)}`;
  return isBusy(partition) ? `${pk}#${shardOf(id)}` : pk;
};

/** Partition keys of all shards of a listing. */
export const listingPks = (project: string, partition: Partition): string[] => {
  const pk = `X#${project}#${listingName(partition)}`;
  return isBusy(partition) ? Array.from({ length: shards }, (_, shard) => `${pk}#${shard}`) : [pk];
};

/** Listings that an item belongs to: that of each entity it names, and that of the project. */
const listingsOf = (subject: Tagged): Partition[] => [...allNamed(subject), 'project'];

/** Keys of a memory's entries, one in each of its listings. */
export const listingKeys = (project: string, subject: Tagged, memory: string): Key<'LISTED'>[] =>
  listingsOf(subject).map((partition) => ({
    kind: 'LISTED',
    pk: listingPk(project, partition, memory),
    sk: `MEM#${memory}`,
  }));

/** Keys of the entries of a closed memory, which replace those of a live one. */
export const closedKeys = (project: string, subject: Tagged, memory: string): Key<'CLOSED'>[] =>
  listingKeys(project, subject, memory).map(({ pk }) => ({
    kind: 'CLOSED',
    pk,
    sk: `CLOSED#${memory}`,
  }));

/** Keys of the entries of a refined turn, which replace its pointers. Delete-alls find its text by them. */
export const listedTurnKeys = (
  project: string,
  subject: Tagged,
  turn: string,
): Key<'LISTED_TURN'>[] =>
  listingsOf(subject).map((partition) => ({
    kind: 'LISTED_TURN',
    pk: listingPk(project, partition, turn),
    sk: `TURN_LISTED#${turn}`,
  }));

/**
 * Keys of a recent-write pointer. The id is that of a turn, or a new one for an API write, so that pointers sort by the
 * time of the write.
 */
export const recentKeys = (project: string, subject: Tagged, id: string): Key<'RECENT'>[] =>
  listingsOf(subject).map((partition) => ({
    kind: 'RECENT',
    pk: listingPk(project, partition, id),
    sk: `RECENT#${id}`,
  }));

/** Keys of the words of an index entry, one for each entity that the entry names, sorted by time as ids are. */
export const wordsKeys = (project: string, subject: Tagged, entry: string): Key<'WORDS'>[] =>
  allNamed(subject).map((entity) => ({
    kind: 'WORDS',
    pk: listingPk(project, entity, entry),
    sk: `WORDS#${entry}`,
  }));

/** Partition of the event listing: one per month and shard. */
const eventListPk = (project: string, month: string, shard: number): string =>
  `P#${project}#EVENT#${month}#${shard}`;

/** Listing attributes of an event. */
export const eventListing = (
  project: string,
  event: string,
  createdAt: number,
): { listPk: string; listSk: string } => ({
  listPk: eventListPk(project, new Date(createdAt).toISOString().slice(0, 7), shardOf(event)),
  listSk: event,
});

export const eventListPks = (project: string, month: string): string[] =>
  Array.from({ length: shards }, (_, shard) => eventListPk(project, month, shard));

export const endpointKey = (project: string, endpoint: string): Key<'ENDPOINT'> => ({
  kind: 'ENDPOINT',
  pk: `P#${project}`,
  sk: `ENDPOINT#${endpoint}`,
});
export const pollMarkerKey = (project: string): Key<'POLL'> => ({
  kind: 'POLL',
  pk: `P#${project}`,
  sk: 'POLL',
});
export const quotaKey = (project: string, of: QuotaKind): Key<'QUOTA'> => ({
  kind: 'QUOTA',
  pk: `P#${project}`,
  sk: `QUOTA#${of}`,
});
export const projectSettingsKey = (project: string): Key<'PROJECT_SETTINGS'> => ({
  kind: 'PROJECT_SETTINGS',
  pk: `P#${project}`,
  sk: 'PROJECT_SETTINGS',
});
/** Partition of the items of an endpoint that change more often than the endpoint itself. */
export const endpointPk = (project: string, endpoint: string): string => `W#${project}#${endpoint}`;

export const secretKey = (project: string, endpoint: string, number: number): Key<'SECRET'> => ({
  kind: 'SECRET',
  pk: endpointPk(project, endpoint),
  sk: `SECRET#${String(number).padStart(7, '0')}`,
});
export const limiterKey = (project: string, endpoint: string): Key<'LIMITER'> => ({
  kind: 'LIMITER',
  pk: endpointPk(project, endpoint),
  sk: 'LIMITER',
});
export const orderingTailKey = (
  project: string,
  endpoint: string,
  scope: string,
): Key<'ORDERING'> => ({
  kind: 'ORDERING',
  pk: endpointPk(project, endpoint),
  sk: `ORDERING#${scope}`,
});
export const recoveryKey = (project: string, endpoint: string, id: string): Key<'RECOVERY'> => ({
  kind: 'RECOVERY',
  pk: endpointPk(project, endpoint),
  sk: `RECOVERY#${id}`,
});
/** Sorts by priority, then by age, then by the delivery's number in its scope. */
export const backlogEntryKey = (
  { project, endpoint, id, createdAt, ordering }: Delivery,
  priority: number,
): Key<'BACKLOG'> => ({
  kind: 'BACKLOG',
  pk: endpointPk(project, endpoint),
  sk: `BACKLOG#${priority}#${String(createdAt).padStart(15, '0')}#${String(ordering?.number ?? 0).padStart(9, '0')}#${id}`,
});
export const notificationKey = (project: string, notification: string): Key<'NOTIFICATION'> => ({
  kind: 'NOTIFICATION',
  pk: `N#${project}#${notification}`,
  sk: 'NOTIFICATION',
});
export const deliveryKey = (
  project: string,
  notification: string,
  endpoint: string,
): Key<'DELIVERY'> => ({
  kind: 'DELIVERY',
  pk: `N#${project}#${notification}`,
  sk: `DELIVERY#${endpoint}`,
});
/** Key of a delivery by its id; undefined for a text that cannot be a delivery's id. */
export const deliveryKeyOf = (project: string, delivery: string): Key<'DELIVERY'> | undefined => {
  const parents = parseDeliveryId(delivery);
  return parents && deliveryKey(project, parents.notification, parents.endpoint);
};
export const attemptKey = (project: string, delivery: string, number: number): Key<'ATTEMPT'> => ({
  kind: 'ATTEMPT',
  pk: `D#${project}#${delivery}`,
  sk: `ATTEMPT#${String(number).padStart(5, '0')}`,
});
