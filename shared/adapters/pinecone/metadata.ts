import type { RecordMetadata } from '@pinecone-database/pinecone';
import { allKinds, allNamed, type Entity, type Tagged } from '../../domain/memory/entities.ts';
import {
  type FilterFields,
  requiredFields,
  withFilterFields,
} from '../../domain/memory/filter-fields.ts';
import type { PushdownNames } from '../../domain/memory/pushdown.ts';
import { packWeights, type Weights } from '../../domain/memory/term-weights.ts';
import { sha256 } from '../../domain/sha256.ts';
import type { IndexEntry } from '../../ports/vector-index.ts';

/** Below the 40 KB that the service allows, since 400 entries have to fit the 4 MB of one response. */
const maxBytes = 8_000;
const maxPackedTerms = 500;

const plainKey = /^[\w-]{1,64}$/;

/** Entity as a metadata value. The id is not escaped, which could make it nine times as long. */
export const entityLabel = ({ kind, id }: Entity): string => `${kind}#${id}`;

/** Field for a metadata key; hashes keys that the service could not filter by. */
const fieldOf = (key: string): string =>
  plainKey.test(key) ? `meta_${key}` : `metahash_${sha256(key, 'hex')}`;

/** Names of the fields in filters. A list has at most 1,000 values, well below the limit of the service. */
export const names: PushdownNames = { labelOf: entityLabel, fieldOf, maxValues: 1_000 };

/**
 * Metadata of an entry: ids, entities, times, term weights and fields for filters, never the text. `truncated` marks
 * metadata that exceeded the size limit or holds an unparsable day: filters on possibly missing fields pass such entries.
 */
export const metadataOf = (
  entry: Pick<IndexEntry, 'id' | 'class' | 'target'> & { model?: string },
  weights: Weights,
): FilterFields => {
  const { target, model } = entry;
  const named = allNamed(target);
  const fields = {
    ...requiredFields(entry),
    entities: [...new Set(named.map(entityLabel))],
    kinds: [...new Set(named.map(({ kind }) => kind))],
    ...(model === undefined ? {} : { model }),
    ...(weights.size > 0 ? { terms: packWeights(weights, maxPackedTerms) } : {}),
  };
  return withFilterFields(fields, target, {
    fieldOf,
    maxBytes,
    maxFields: Number.POSITIVE_INFINITY,
  });
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
