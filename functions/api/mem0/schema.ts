import * as z from 'zod';
import { parseShape } from '../../../shared/domain/derived/shape.ts';
import { entityIdFields } from '../http/entity-ids.ts';
import { Day, Instant, LocalInstant } from '../http/instant.ts';
import { limits } from '../http/limits.ts';
import { listOf } from '../http/list-of.ts';
import { Messages } from '../http/messages.ts';
import { Metadata, StructuredDataSchema } from '../http/metadata.ts';
import { processingFields } from '../http/processing-fields.ts';
import { Text } from '../http/text.ts';
import { TimeZone } from '../http/time-zone.ts';

const Flag = z.boolean().nullish();

/** Fields that select the response format on the older routes. */
export const formatFields = {
  output_format: z.string().nullish(),
  version: z.string().nullish(),
};

type Names = (entries: readonly { [name: string]: string }[]) => string[];
const namesIn: Names = (entries) => entries.flatMap((entry) => Object.keys(entry));

/** `[{name: description}]`; an entry may have several names. */
export const Categories = listOf(
  z.record(z.string(), z.string(), {
    error: ({ input }) =>
      `must be an object: Expected a dictionary of items but got type "${typeof input === 'string' ? 'str' : typeof input}"`,
  }),
  limits.customCategories,
)
  .refine((entries) => namesIn(entries).length <= limits.customCategories, {
    error: `must not have more than ${limits.customCategories} names`,
    abort: true,
  })
  .refine(
    (entries) => namesIn(entries).every((name) => name.length <= limits.categoryNameLength),
    `must not have a name longer than ${limits.categoryNameLength} characters`,
  )
  .refine(
    (entries) => namesIn(entries).every((name) => name.trim() !== ''),
    'must not have a blank name',
  )
  .refine(
    (entries) => Buffer.byteLength(JSON.stringify(entries)) <= limits.customCategoriesBytes,
    `must not be larger than ${limits.customCategoriesBytes / 1_000} kB`,
  );

export const Instructions = z.string().max(limits.instructionsLength).nullish();
export const Topics = z.string().max(limits.includesLength).nullish();

/** A schema without properties is none. */
const StructuredData = StructuredDataSchema.transform((schema, context) => {
  if (Object.keys(schema).length === 0) return null;
  const shape = parseShape(schema);
  if (!('problem' in shape)) return shape;
  context.addIssue({ code: 'custom', message: shape.problem });
  return z.NEVER;
});

/** Fields of an add that have an effect here. Other fields are ignored. */
export const AddBody = z.object({
  messages: Messages,
  ...entityIdFields,
  ...formatFields,
  metadata: Metadata.nullish(),
  infer: Flag,
  async_mode: Flag,
  dedupe: Flag,
  custom_instructions: Instructions,
  agent_custom_instructions: Instructions,
  custom_categories: Categories.nullish(),
  structured_data_schema: StructuredData.nullish(),
  includes: Topics,
  excludes: Topics,
  immutable: Flag,
  expiration_date: Day.nullish(),
  timestamp: LocalInstant.nullish(),
  observation_datetime: LocalInstant.nullish(),
  observation_date: LocalInstant.nullish(),
  /** Zone of times that are given without one. */
  timezone: TimeZone.nullish(),
  /** Entity ids in it count where the body has none; everything else of a filter means nothing to an add. */
  filters: z.unknown().optional(),
  deduced_memories: listOf(Text, limits.deducedMemories).nullish(),
  ...processingFields,
});
export type AddBody = z.output<typeof AddBody>;

export const UpdateBody = z
  .object({
    text: Text.nullish(),
    metadata: Metadata.nullish(),
    timestamp: Instant.nullish(),
    /** null removes the date. */
    expiration_date: Day.nullish(),
  })
  .refine(
    ({ text, metadata, timestamp, expiration_date: day }) =>
      [text ?? metadata ?? timestamp ?? undefined, day].some((value) => value !== undefined),
    'needs at least one of text, metadata, timestamp, expiration_date',
  );
