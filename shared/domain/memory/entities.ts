/** Kinds of entities that a turn or memory may name. The first that is present is the primary owner. */
export const entityKinds = ['user', 'agent', 'app', 'run'] as const;
export type EntityKind = (typeof entityKinds)[number];

/** Entities that a turn names: at least one, each id a non-blank string of at most `maxEntityIdLength` characters. */
export type Entities = { readonly [kind in EntityKind]?: string };

export interface Entity {
  kind: EntityKind;
  id: string;
}

/** In characters, each of at most three bytes in a key: a sort key with an id stays below DynamoDB's 1,024 bytes. */
export const maxEntityIdLength = 256;

export const entitiesOf = (entities: Entities): Entity[] => {
  const named: Entity[] = [];
  for (const kind of entityKinds) {
    const id = entities[kind];
    if (id !== undefined) named.push({ kind, id });
  }
  return named;
};

/** Unique name of an entity: `kind#id`, with `#` and `%` of the id escaped, so that `#` is only the separator. */
export const entityKey = ({ kind, id }: Entity): string =>
  `${kind}#${id.replace(/[#%]/g, encodeURIComponent)}`;

/** The entity of a name that `entityKey` made. */
export const entityOfKey = (key: string): Entity => {
  const [kind = '', id = ''] = key.split('#', 2);
  const known = entityKinds.find((one) => one === kind);
  if (!known) throw new TypeError('the key names no entity');
  return { kind: known, id: id.replace(/%23|%25/g, decodeURIComponent) };
};

/**
 * Returns the scope of a turn, which is its primary owner: the first present of user, agent, app, run. Refinement is
 * ordered per scope.
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
