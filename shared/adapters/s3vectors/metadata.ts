import * as z from 'zod';
import { allNamed, type Tagged } from '../../domain/memory/entities.ts';
import {
  type FilterFields,
  requiredFields,
  withFilterFields,
} from '../../domain/memory/filter-fields.ts';
import type { PushdownNames } from '../../domain/memory/pushdown.ts';
import { packWeights, weightsOf } from '../../domain/memory/term-weights.ts';
import { sha256 } from '../../domain/sha256.ts';
import type { IndexEntry } from '../../ports/vector-index.ts';
import { labelOf } from './layout.ts';

/** Below the 2 KB of filterable metadata and the 50 keys of a vector. */
const maxBytes = 1_900;
const maxFields = 48;
const maxPackedTerms = 500;

const plainKey = /^[\w-]{1,40}$/;

/** Field for a metadata key; hashes long keys and those with other characters. */
const fieldOf = (key: string): string =>
  plainKey.test(key) ? `meta_${key}` : `metahash_${sha256(key, 'hex').slice(0, 40)}`;

/** Names of the fields in filters of a project. The search counts the conditions of a filter, of which there are at most 100. */
export const namesIn = (project: string): PushdownNames => ({
  labelOf: (entity) => labelOf(project, entity),
  fieldOf,
  maxValues: Number.POSITIVE_INFINITY,
});

/** Packed weights of the terms of an entry. */
export const packedTerms = ({ terms }: Pick<IndexEntry, 'terms'>): string =>
  packWeights(weightsOf(terms), maxPackedTerms);

/**
 * Metadata of an entry: ids, entities, times, term weights and fields for filters, never the text. `truncated` marks metadata that
 * exceeded the limits or holds an unparsable day: filters on possibly missing fields pass such entries.
 */
export const metadataOf = (
  project: string,
  entry: Pick<IndexEntry, 'id' | 'class' | 'target' | 'terms'> & { model?: string },
): FilterFields => {
  const { target, model } = entry;
  const named = allNamed(target);
  const fields = {
    ...requiredFields(entry),
    entities: [...new Set([...named, 'project' as const].map((of) => labelOf(project, of)))],
    // The service takes no empty list.
    kinds: [...new Set([...named.map(({ kind }) => kind), 'project'])],
    ...(model === undefined ? {} : { model }),
  };
  const { entities, extraEntities } = target;
  const terms = packedTerms(entry);
  return {
    ...withFilterFields(fields, target, { fieldOf, maxBytes, maxFields }),
    ...(terms === '' ? {} : { terms }),
    named: JSON.stringify({ entities, ...(extraEntities ? { extraEntities } : {}) }),
  };
};

const Stored = z.object({
  entry: z.string(),
  terms: z.string().default(''),
  named: z.string().transform((text): Tagged => JSON.parse(text)),
  model: z.string().optional(),
});

export type StoredEntry = z.output<typeof Stored>;

/** Parses what `metadataOf` made. */
export const readMetadata = (metadata: unknown): StoredEntry => Stored.parse(metadata);
