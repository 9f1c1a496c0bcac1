import { createHash } from 'node:crypto';
import type { RecordMetadata } from '@pinecone-database/pinecone';
import { allKinds, allNamed, type Entity, type Tagged } from '../../domain/memory/entities.ts';
import type { FilterTarget } from '../../domain/memory/filter.ts';
import type { Json } from '../../domain/memory/turn.ts';
import type { IndexEntry } from '../../ports/vector-index.ts';
import { packWeights, type Weights } from './sparse.ts';

/** Below the 40 KB that the service allows, since 400 entries have to fit the 4 MB of one response. */
const maxBytes = 8_000;
const maxPackedTerms = 500;
const maxPlainLength = 64;

const plainKey = /^[\w-]{1,64}$/;
const plainDay = /^(\d{4})-(\d\d)-(\d\d)$/;
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const digestMark = 'sha256:';

/** Entity as a metadata value. The id is not escaped, which could make it nine times as long. */
export const entityLabel = ({ kind, id }: Entity): string => `${kind}#${id}`;

/** Field for a metadata key; hashes keys that the service could not filter by. */
export const fieldOf = (key: string): string =>
  plainKey.test(key) ? `meta_${key}` : `metahash_${digest(key)}`;

/**
 * Token of a scalar metadata value, equal for equal values only; long strings are hashed. Undefined for lists and
 * objects.
 */
export const tokenOf = (value: Json): string | number | boolean | undefined => {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value !== 'string') return undefined;
  const isPlain = value.length <= maxPlainLength && !value.startsWith(digestMark);
  return isPlain ? value : digestMark + digest(value);
};

/**
 * `YYYY-MM-DD` as a number of the same order, because the service cannot compare strings; undefined for other texts.
 */
export const dayNumber = (text: string): number | undefined => {
  const parts = plainDay.exec(text);
  return parts ? Number(parts.slice(1).join('')) : undefined;
};

type Field = readonly [field: string, value: RecordMetadata[string] | undefined];

const isUnparsableDay = (day: string | undefined): boolean =>
  day !== undefined && dayNumber(day) === undefined;

/** Fields for filters besides ids and times. Lists and objects are left to the core. */
const filterable = ({ metadata, categories, expiresOn }: FilterTarget): Field[] => {
  const labels = [...new Set(categories.map((category) => category.toLowerCase()))];
  const fields: Field[] = [];
  if (labels.length > 0) fields.push(['categories', labels]);
  if (expiresOn !== undefined) fields.push(['expiresOn', dayNumber(expiresOn)]);
  for (const [key, value] of Object.entries(metadata)) fields.push([fieldOf(key), tokenOf(value)]);
  return fields;
};

/**
 * Metadata of an entry: ids, entities, times, term weights and fields for filters, never the text. `truncated` marks
 * metadata that exceeded the size limit or holds an unparsable day: filters on possibly missing fields pass such entries.
 */
export const metadataOf = (
  entry: Pick<IndexEntry, 'id' | 'class' | 'target'> & { model?: string },
  weights: Weights,
): RecordMetadata => {
  const { id, target, model } = entry;
  const named = allNamed(target);
  const result: RecordMetadata = {
    entry: id,
    class: entry.class,
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
  let left = maxBytes - Buffer.byteLength(JSON.stringify(result));
  for (const [field, value] of filterable(target)) {
    if (value === undefined) continue;
    const size = Buffer.byteLength(JSON.stringify({ [field]: value }));
    if (size > left) result['truncated'] = true;
    else {
      result[field] = value;
      left -= size;
    }
  }
  return result;
};

/** Entities that an entry names. The original order of several entities of one kind is not stored. */
export const namedIn = (metadata: RecordMetadata): Tagged => {
  const { entities: labels } = metadata;
  const entities: { [kind: string]: string } = {};
  const also: Entity[] = [];
  for (const label of Array.isArray(labels) ? labels : []) {
    const separator = label.indexOf('#');
    const kind = allKinds.find((name) => name === label.slice(0, separator));
    const id = label.slice(separator + 1);
    if (!kind) continue;
    if (entities[kind] === undefined) entities[kind] = id;
    else also.push({ kind, id });
  }
  return { entities, ...(also.length > 0 ? { extraEntities: also } : {}) };
};
