/** Kinds of owners, which turns of conversations name. */
export const entityKinds = ['user', 'agent', 'app', 'run'] as const;
export type EntityKind = (typeof entityKinds)[number];

/**
 * Kinds of entities that a turn or memory may name. The first that is present is the primary owner. Besides owners: a file of a
 * collection, a collection of the project (see core/collections), and the memory that all users of the project share.
 */
export const allKinds = [...entityKinds, 'file', 'collection', 'shared'] as const;
export type AnyKind = (typeof allKinds)[number];

/** Entities that a turn names: at least one, each id a non-blank string of at most `maxEntityIdLength` characters. */
export type Entities = { readonly [kind in AnyKind]?: string };

export interface Entity {
  kind: AnyKind;
  id: string;
}

/** A user, agent, app or run. */
export type Owner = Entity & { kind: EntityKind };

export const isOwner = (entity: Entity): entity is Owner =>
  entityKinds.some((kind) => kind === entity.kind);

/** In characters, each of at most three bytes in a key: a sort key with an id stays below DynamoDB's 1,024 bytes. */
export const maxEntityIdLength = 256;

export const entitiesOf = (entities: Entities): Entity[] => {
  const named: Entity[] = [];
  for (const kind of allKinds) {
    const id = entities[kind];
    if (id !== undefined) named.push({ kind, id });
  }
  return named;
};

/** Unique name of an entity: `kind#id`, with `#` and `%` of the id escaped, so that `#` is only the separator. */
export const entityKey = ({ kind, id }: Entity): string =>
  `${kind}#${id.replace(/[#%]/g, encodeURIComponent)}`;

/** Prefix of the ids of the files of a collection: their records are found by the collection. */
export const filePrefix = (collection: string): string => `${collection}/`;

/** The entity of a name that `entityKey` made. */
export const entityOfKey = (key: string): Entity => {
  const [kind = '', id = ''] = key.split('#', 2);
  const known = allKinds.find((one) => one === kind);
  if (!known) throw new TypeError('the key names no entity');
  return { kind: known, id: id.replace(/%23|%25/g, decodeURIComponent) };
};

/**
 * Returns the scope of a turn, which is its primary owner: the first present of user, agent, app, run, file, collection and shared
 * memory. Refinement is ordered per scope.
 */
export const scopeOf = (entities: Entities): string => {
  const [owner] = entitiesOf(entities);
  if (!owner) throw new TypeError('a turn names at least one entity');
  return entityKey(owner);
};

/** Wildcard in a match for every id of a kind. No entity may have this id. */
export const anyId = '*';

/** Anything that names entities, and is listed under each. */
export interface Tagged {
  entities: Entities;
  /** Further entities of a kind that `entities` has: the same fact may be learnt in several runs. */
  extraEntities?: readonly Entity[];
}

export const allNamed = ({ entities, extraEntities = [] }: Tagged): Entity[] => [
  ...entitiesOf(entities),
  ...extraEntities,
];

/** Whether `subject` names the entity; `anyId` asks for any of the kind. */
export const hasEntity = (subject: Tagged, { kind, id }: Entity): boolean =>
  subject.entities[kind] === id ||
  (id === anyId && subject.entities[kind] !== undefined) ||
  (subject.extraEntities ?? []).some((entity) => entity.kind === kind && entity.id === id);

/** Whether `subject` names everything `match` asks for. */
export const hasAllEntities = (subject: Tagged, match: Entities): boolean =>
  entitiesOf(match).every((entity) => hasEntity(subject, entity));
