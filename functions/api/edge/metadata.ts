import * as z from 'zod';
import type { Metadata as DomainMetadata, Json } from '../../../shared/domain/turn.ts';

const maxDepth = 32;
/** Every memory of a turn carries it. */
const maxBytes = 32_000;

const depthOf = (value: Json): number =>
  typeof value === 'object' && value !== null
    ? 1 + Math.max(0, ...Object.values(value).map(depthOf))
    : 0;

/** Any JSON object, kept as it is. Being parsed JSON already, only its outer form needs a look. */
export const Metadata = z
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
