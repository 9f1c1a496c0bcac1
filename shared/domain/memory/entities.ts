/** The four kinds of owner a turn or memory can name, in order of primacy. */
export const entityKinds = ['user', 'agent', 'app', 'run'] as const;
export type EntityKind = (typeof entityKinds)[number];

/** Who a turn is about: at least one, each a non-blank string of at most `maxEntityIdLength` characters. */
export type Entities = { readonly [kind in EntityKind]?: string };

export interface Entity {
  kind: EntityKind;
  id: string;
}

/** Characters, of at most three bytes each in a key: any key made of an id stays below the 1,024 bytes of a sort key. */
export const maxEntityIdLength = 256;

export const entitiesOf = (entities: Entities): Entity[] => {
  const named: Entity[] = [];
  for (const kind of entityKinds) {
    const id = entities[kind];
    if (id !== undefined) named.push({ kind, id });
  }
  return named;
};

/** Two entities are the same when these are: `kind#id`, the id escaped so that `#` only separates. */
export const entityKey = ({ kind, id }: Entity): string =>
  `${kind}#${id.replace(/[#%]/g, encodeURIComponent)}`;

/** A turn's scope is its primary owner: the first present of user, agent, app, run. Refinement is ordered per scope. */
export const scopeOf = (entities: Entities): string => {
  const [owner] = entitiesOf(entities);
  if (!owner) throw new TypeError('a turn names at least one entity');
  return entityKey(owner);
};

/** Stands for every id of a kind in a match; never a legal id of its own. */
export const anyId = '*';

/** Something filed under entities; `also`: further ones of a kind it already names (the same fact told in several runs). */
export interface Tagged {
  entities: Entities;
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
