import * as z from 'zod';
import type { SettingsChange } from '../../../shared/core/projects/project-settings.ts';
import type { Project } from '../../../shared/domain/project.ts';
import type { VersionedSettings } from '../../../shared/domain/project-settings.ts';
import { redactionModes } from '../../../shared/domain/sensitive/sensitive.ts';
import { isoTime } from '../http/instant.ts';
import { knownFields } from '../http/known-fields.ts';
import { limits } from '../http/limits.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { processingBody, processingFields } from '../http/processing-fields.ts';
import { Categories, Instructions, Topics } from './schema.ts';
import { categoriesOf } from './translate.ts';

const Mode = z.enum(redactionModes).nullish();

/** Modes of redaction by kind; a kind without one is kept. */
const Redaction = knownFields({
  password: Mode,
  key: Mode,
  card: Mode,
  iban: Mode,
  national_id: Mode,
  email: Mode,
  phone: Mode,
});

const WithoutEffect = z
  .unknown()
  .optional()
  .meta({ description: 'Without effect here; the answer names it in `ignored`.' });

/** Settings that clients send and that have no effect here. */
const withoutEffect = {
  name: WithoutEffect,
  decay: WithoutEffect,
  enable_graph: WithoutEffect,
  memory_depth: WithoutEffect,
  usecase: WithoutEffect,
  usecase_setting: WithoutEffect,
  retrieval_criteria: WithoutEffect,
  expiration_date: WithoutEffect,
  update_custom_instructions: WithoutEffect,
  summary_custom_instructions: WithoutEffect,
};

/** Changes of a project. Absent fields stay as they are; null, or an empty value, restores the default. */
export const UpdateProject = z.looseObject({
  description: z.string().max(limits.descriptionLength).nullish(),
  custom_instructions: Instructions,
  agent_custom_instructions: Instructions,
  custom_categories: Categories.nullish(),
  inclusion_prompt: Topics,
  exclusion_prompt: Topics,
  multilingual: z.boolean().nullish(),
  include_messages: z.boolean().nullish(),
  redaction: Redaction.nullish(),
  ...processingFields,
  ...withoutEffect,
});
type UpdateProject = z.output<typeof UpdateProject>;

/** Given value, null for one that restores the default, or undefined for one that is not given. */
const unlessEmpty = <T extends string | readonly unknown[]>(value: T | null | undefined) =>
  value === undefined || value?.length ? value : null;

/** Rules without the kinds that are kept; null if none is left. */
const redactionOf = (rules: UpdateProject['redaction']) => {
  if (rules == null) return rules;
  const set = omitNullish(rules);
  return Object.keys(set).length > 0 ? set : null;
};

/** Converts the body to changes of the settings. */
export const settingsChangeOf = (body: UpdateProject): SettingsChange => {
  const { custom_categories: entries } = body;
  return {
    description: unlessEmpty(body.description),
    instructions: unlessEmpty(body.custom_instructions),
    agentInstructions: unlessEmpty(body.agent_custom_instructions),
    categories: unlessEmpty(entries === null ? null : categoriesOf(entries)),
    includes: unlessEmpty(body.inclusion_prompt),
    excludes: unlessEmpty(body.exclusion_prompt),
    multilingual: body.multilingual,
    includeMessages: body.include_messages,
    redaction: redactionOf(body.redaction),
    autoProcess: body.auto_process,
    batchThreshold: body.batch_threshold,
    idleSeconds: body.idle_seconds,
  };
};

const isOff = (value: unknown): boolean =>
  value === undefined || value === null || value === false || value === '';

/** Most names of fields that an answer repeats, and the length of each. */
const maxIgnored = 20;
const maxNameLength = 100;

/** Names of given fields that have no effect, also of unknown ones, without those that are turned off. */
export const ignoredSettings = (body: UpdateProject): string[] => {
  const hasEffect = (name: string): boolean =>
    Object.hasOwn(UpdateProject.shape, name) && !Object.hasOwn(withoutEffect, name);
  return Object.entries(body)
    .flatMap(([name, value]) =>
      hasEffect(name) || isOff(value) ? [] : name.slice(0, maxNameLength),
    )
    .slice(0, maxIgnored);
};

/** The only member, since access is by API keys. Clients read an address, which is none, as on `GET /v1/ping`. */
export const owner = {
  user_id: 'turnstone',
  username: 'turnstone',
  email: 'turnstone',
  role: 'OWNER',
} as const;

/** Settings of texts, with their defaults. */
const textSettingsBody = (settings: VersionedSettings | undefined) => ({
  multilingual: settings?.multilingual ?? true,
  include_messages: settings?.includeMessages ?? true,
  redaction: settings?.redaction ?? null,
});

/** Builds the body of a project. Settings that have no value are null, since clients read every one. */
export const projectBody = (
  project: Project,
  settings: VersionedSettings | undefined,
  isAdmin: boolean,
) => ({
  project_id: project.id,
  org_id: project.organization,
  name: project.name,
  description: settings?.description ?? '',
  created_at: isoTime(project.createdAt),
  updated_at: isoTime(settings?.updatedAt ?? project.createdAt),
  members: [owner],
  custom_instructions: settings?.instructions ?? null,
  agent_custom_instructions: settings?.agentInstructions ?? null,
  custom_categories:
    settings?.categories?.map(({ name, description }) => ({ [name]: description })) ?? null,
  inclusion_prompt: settings?.includes ?? null,
  exclusion_prompt: settings?.excludes ?? null,
  ...textSettingsBody(settings),
  ...processingBody(settings ?? {}),
  // Constants, which clients read.
  usecase: null,
  memory_depth: null,
  retrieval_criteria: null,
  update_custom_instructions: null,
  summary_custom_instructions: null,
  expiration_date: null,
  enable_graph: false,
  decay: false,
  version: 'v2',
  is_default: project.name === 'default',
  settings_version: settings?.version ?? 0,
  user_role: isAdmin ? 'OWNER' : 'READER',
});
