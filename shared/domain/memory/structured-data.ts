import type { ObjectShape } from '../derived/shape.ts';
import { fitTo, saysNothing } from '../derived/shaped-value.ts';
import type { Metadata } from './turn.ts';

/** Key of the metadata of a memory that has its structured data. */
export const structuredDataKey = 'structured_data';

/** Bytes of the structured data of one memory. */
const maxBytes = 4_000;

/** The part of a value that fits a shape. Undefined if that says nothing, or takes more than 4 kB. */
export const structuredDataFrom = (shape: ObjectShape, value: unknown): Metadata | undefined => {
  const said = Object.entries(fitTo(shape, value)).filter(([, part]) => !saysNothing(part));
  const data: Metadata = Object.fromEntries(said);
  const isSmall = Buffer.byteLength(JSON.stringify(data)) <= maxBytes;
  return said.length > 0 && isSmall ? data : undefined;
};

/** Metadata without the structured data, which belongs to an earlier text. */
export const withoutStructuredData = (metadata: Metadata): Metadata => {
  const { [structuredDataKey]: _, ...rest } = metadata;
  return rest;
};
