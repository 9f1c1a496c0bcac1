import { defaultCategories } from './categories/category.ts';
import type { TurnOptions } from './memory/turn.ts';
import type { ProcessingSettings } from './processing.ts';
import type { RedactionRules } from './sensitive/sensitive.ts';

/** Values that the refinement of a project uses for every turn that has none of its own. */
export type RefinementDefaults = Pick<
  TurnOptions,
  'instructions' | 'agentInstructions' | 'categories' | 'includes' | 'excludes'
>;

/** Settings of a project that its keys can change. */
export interface ProjectSettings extends RefinementDefaults, ProcessingSettings {
  description?: string;
  /** false: memories are written in English, whatever the language of the conversation. */
  multilingual?: boolean;
  /** false: searches leave out messages and sources, unless a request wants them. */
  includeMessages?: boolean;
  /** Modes of redaction by kind of sensitive value, applied to texts before they are stored. */
  redaction?: RedactionRules;
  /** Whether an entity has settings of its own: otherwise none are looked up. */
  hasEntitySettings?: boolean;
}

/** Stored settings. */
export interface VersionedSettings extends ProjectSettings {
  /** Rises with every change, for optimistic concurrency. */
  version: number;
  updatedAt: number;
}

/** Options of a turn together with the defaults of its project. */
export interface EffectiveOptions extends TurnOptions {
  /** Whether memories are written in English, whatever the language of the conversation. */
  english?: true;
}

/** Options that a model may be unable to follow. */
export type ModelOption = keyof Pick<
  EffectiveOptions,
  | 'instructions'
  | 'agentInstructions'
  | 'includes'
  | 'excludes'
  | 'categories'
  | 'structuredData'
  | 'english'
>;

/**
 * Adds the defaults of a project to the options of a turn. An option of the turn replaces the default as a whole. Categories are
 * those of the turn, else those of the project, else the common ones.
 */
export const withDefaults = (
  options: TurnOptions,
  settings: ProjectSettings | undefined,
): EffectiveOptions => {
  if (!settings) return { categories: defaultCategories, ...options };
  const { instructions, agentInstructions, categories = defaultCategories } = settings;
  const { includes, excludes } = settings;
  return {
    ...(instructions !== undefined && { instructions }),
    ...(agentInstructions !== undefined && { agentInstructions }),
    categories,
    ...(includes !== undefined && { includes }),
    ...(excludes !== undefined && { excludes }),
    ...(settings.multilingual === false && { english: true as const }),
    ...options,
  };
};
