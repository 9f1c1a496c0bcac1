import * as z from 'zod';
import type { Metadata as DomainMetadata, Json } from '../../../shared/domain/memory/turn.ts';
import { limits } from './limits.ts';

const { metadataDepth: maxDepth } = limits;

const depthOf = (value: Json): number => {
  if (typeof value !== 'object' || value === null) return 0;
  let deepest = 0;
  for (const part of Object.values(value)) deepest = Math.max(deepest, depthOf(part));
  return 1 + deepest;
};

/**
 * Any JSON object of at most so many bytes, and of as many levels as metadata may have. The value is parsed JSON, so only the
 * outermost type is checked.
 */
const jsonObject = (maxBytes: number) =>
  z
    .custom<DomainMetadata>(
      (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
      'must be an object',
    )
    .refine((metadata) => depthOf(metadata) <= maxDepth, {
      error: `must not be nested deeper than ${maxDepth} levels`,
      abort: true,
    })
    .refine((metadata) => Buffer.byteLength(JSON.stringify(metadata)) <= maxBytes, {
      error: `must not be larger than ${maxBytes / 1_000} kB`,
    });

/** The limits are small because every memory of a turn stores a copy. */
export const Metadata = jsonObject(limits.metadataBytes);

/** Schema of the data that a model draws from each memory. */
export const StructuredDataSchema = jsonObject(limits.schemaBytes);

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Parses the same from a query string, where it is JSON text. */
export const MetadataText = z
  .string('must be a JSON object')
  .transform((text, context): unknown => {
    const parsed = parseJson(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed;
    context.addIssue('must be a JSON object');
    return z.NEVER;
  })
  .pipe(Metadata);
