import * as z from 'zod';
import { entityKinds } from '../../../shared/domain/memory/entities.ts';
import { EntityId, entityMatchFields } from '../http/entity-ids.ts';
import { Instructions } from './schema.ts';

/** Memories to read: `filters`, ids of entities, or both. */
const scope = { ...entityMatchFields, filters: z.unknown().optional() };
/** Request to export memories. */
export const ExportBody = z.object({
  ...scope,
  schema: z.unknown().optional(),
  export_instructions: Instructions,
});
export const ExportLookup = z.object({ ...scope, memory_export_id: z.string().nullish() });
export const SummaryBody = z.object(scope);
export type ExportBody = z.output<typeof ExportBody>;
export type ExportLookup = z.output<typeof ExportLookup>;
export type SummaryBody = z.output<typeof SummaryBody>;

/** Request to generate profiles. */
export const ProfileJobBody = z.object({
  operation: z.enum(['trigger', 'sample']),
  entity_type: z.enum(entityKinds),
  entity_id: EntityId.nullish(),
  limit: z.int().min(1).max(10).nullish(),
});
export type ProfileJobBody = z.output<typeof ProfileJobBody>;

const Form = z
  .object({ schema: z.unknown().optional(), custom_instructions: Instructions })
  .nullish();
export const ProfileSettingsBody = z.looseObject({
  enabled: z.boolean().nullish(),
  entities: z.strictObject({ user: Form, agent: Form, app: Form, run: Form }).nullish(),
});

export type ProfileSettingsBody = z.output<typeof ProfileSettingsBody>;
