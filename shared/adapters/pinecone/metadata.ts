import { createHash } from 'node:crypto';
import type { RecordMetadata } from '@pinecone-database/pinecone';
import { allNamed, type Entity, entityKinds, type Tagged } from '../../domain/memory/entities.ts';
import type { FilterTarget } from '../../domain/memory/filter.ts';
import type { Json } from '../../domain/memory/turn.ts';
import { packWeights, type Weights } from './sparse.ts';

/** The service takes 40 KB; but 400 of these have to fit the 4 MB of one answer. */
const maxBytes = 8_000;
const maxPackedTerms = 500;
const longestPlain = 64;

const plainKey = /^[\w-]{1,64}$/;
const plainDay = /^(\d{4})-(\d\d)-(\d\d)$/;
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const digestMark = 'sha256:';

/** An entity as metadata lists it; the id as it is, since escaped it could be nine times as long. */
export const entityLabel = ({ kind, id }: Entity): string => `${kind}#${id}`;

/** The field of a metadata key: whatever the key, one that the service can filter by. */
export const fieldOf = (key: string): string =>
  plainKey.test(key) ? `meta_${key}` : `metahash_${digest(key)}`;

/** What is kept of a metadata value so that equals stay equal and others differ; undefined: nothing. */
export const tokenOf = (value: Json): string | number | boolean | undefined => {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value !== 'string') return undefined;
  const isPlain = value.length <= longestPlain && !value.startsWith(digestMark);
  return isPlain ? value : digestMark + digest(value);
};

/** `YYYY-MM-DD` as a number that compares likewise: the service compares no strings. */
export const dayNumber = (text: string): number | undefined => {
  const parts = plainDay.exec(text);
  return parts ? Number(parts.slice(1).join('')) : undefined;
};

type Field = readonly [field: string, value: RecordMetadata[string] | undefined];

/** A day we cannot compare as a number. */
const isUnparsableDay = (day: string | undefined): boolean =>
  day !== undefined && dayNumber(day) === undefined;

/** What filters look at besides ids and times. Lists and objects are the core's to compare. */
const filterable = ({ metadata, categories, expiresOn }: FilterTarget): Field[] => {
  const labels = [...new Set(categories.map((category) => category.toLowerCase()))];
  const fields: Field[] = [];
  if (labels.length > 0) fields.push(['categories', labels]);
  if (expiresOn !== undefined) fields.push(['expiresOn', dayNumber(expiresOn)]);
  for (const [key, value] of Object.entries(metadata)) fields.push([fieldOf(key), tokenOf(value)]);
  return fields;
};

/**
 * What the index knows of an entry besides its vectors: ids, entities, times, what filters ask for. Never its text.
 * `cut` marks one that was too much: filters on what may be missing let it pass.
 */
export const metadataOf = (
  entry: { id: string; target: FilterTarget; model?: string },
  weights: Weights,
): RecordMetadata => {
  const { id, target, model } = entry;
  const named = allNamed(target);
  const kept: RecordMetadata = {
    entry: id,
    memory: target.id,
    entities: [...new Set(named.map(entityLabel))],
    kinds: [...new Set(named.map(({ kind }) => kind))],
    createdAt: target.createdAt,
    updatedAt: target.updatedAt,
    observedAt: target.observedAt,
    ...(model === undefined ? {} : { model }),
    ...(weights.size > 0 ? { terms: packWeights(weights, maxPackedTerms) } : {}),
    ...(isUnparsableDay(target.expiresOn) ? { truncated: true } : {}),
  };
  let left = maxBytes - Buffer.byteLength(JSON.stringify(kept));
  for (const [field, value] of filterable(target)) {
    if (value === undefined) continue;
    const size = Buffer.byteLength(JSON.stringify({ [field]: value }));
    if (size > left) kept['cut'] = true;
    else {
      kept[field] = value;
      left -= size;
    }
  }
  return kept;
};

/** Whom an entry names; which of several of a kind came first is not told apart. */
export const namedIn = (metadata: RecordMetadata): Tagged => {
  const { entities: labels } = metadata;
  const entities: { [kind: string]: string } = {};
  const also: Entity[] = [];
  for (const label of Array.isArray(labels) ? labels : []) {
    const truncated = label.indexOf('#');
    const kind = entityKinds.find((name) => name === label.slice(0, truncated));
    const id = label.slice(truncated + 1);
    if (!kind) continue;
    if (entities[kind] === undefined) entities[kind] = id;
    else also.push({ kind, id });
  }
  return { entities, ...(also.length > 0 ? { extraEntities: also } : {}) };
};
