import type { RequestRejected } from './faults.ts';

/** Features of the API that a server supports. */
export interface Dialect {
  format: 'json_schema' | 'json_object' | 'text';
  temperature: boolean;
  effort: boolean;
  /** Name of the parameter that limits the tokens of an answer. */
  limit: 'max_tokens' | 'max_completion_tokens' | 'none';
  /** The system role is supported; otherwise the system prompt begins the first user message. */
  system: boolean;
}

/** Settings of the operator for every answer. */
export interface AnswerSettings {
  maxTokens?: number | undefined;
  /** Reasoning effort; not sent when undefined. */
  effort?: string | undefined;
}

/** Strongest dialect, tried first. */
export const defaultDialect = (isOpenAi: boolean): Dialect => ({
  format: 'json_schema',
  temperature: true,
  effort: true,
  limit: isOpenAi ? 'max_completion_tokens' : 'max_tokens',
  system: true,
});

const weakerFormat = { json_schema: 'json_object', json_object: 'text', text: undefined } as const;
const otherLimit = {
  max_tokens: 'max_completion_tokens',
  max_completion_tokens: 'max_tokens',
} as const;

const about = {
  temperature: /temperature/i,
  effort: /reasoning|effort|thinking/i,
  limit: /max_(?:completion_)?tokens/i,
  format: /schema|response_format|grammar|json|structured/i,
  system: /system|developer|instruction role|roles? must alternate/i,
};

/** Messages of failures that may mean an unsupported part of the request. */
const unsupportedPart =
  /parameter|argument|unsupported|not (?:support|implement)|no endpoints found|failed to parse|template|unrecognized|extra_forbidden/i;

/** Whether a failure may be about a part that a weaker dialect leaves out. */
export const mayBeDialect = (providerMessage: string): boolean =>
  unsupportedPart.test(providerMessage) ||
  Object.values(about).some((pattern) => pattern.test(providerMessage));

/** Dialect without the part that a refusal names; undefined when the refusal names no part in use. */
const withoutNamed = (
  dialect: Dialect,
  providerMessage: string,
  triedOtherLimit: boolean,
): Dialect | undefined => {
  if (dialect.temperature && about.temperature.test(providerMessage))
    return { ...dialect, temperature: false };
  if (dialect.limit !== 'none' && about.limit.test(providerMessage))
    return { ...dialect, limit: triedOtherLimit ? 'none' : otherLimit[dialect.limit] };
  if (dialect.effort && about.effort.test(providerMessage)) return { ...dialect, effort: false };
  const format = weakerFormat[dialect.format];
  if (format && about.format.test(providerMessage)) return { ...dialect, format };
  return dialect.system && about.system.test(providerMessage)
    ? { ...dialect, system: false }
    : undefined;
};

/** Next weaker dialect after a refusal; undefined after the weakest one. */
export const downgrade = (
  dialect: Dialect,
  { providerMessage }: Pick<RequestRejected, 'providerMessage'>,
  initial: Dialect,
): Dialect | undefined => {
  const named = withoutNamed(dialect, providerMessage, dialect.limit !== initial.limit);
  if (named) return named;
  const format = weakerFormat[dialect.format];
  if (format) return { ...dialect, format };
  if (dialect.temperature || dialect.effort || dialect.limit !== 'none')
    return { ...dialect, temperature: false, effort: false, limit: 'none' };
  return dialect.system ? { ...dialect, system: false } : undefined;
};

/** Fields of a request body for the settings, as far as the dialect supports them. */
export const settingFields = (
  { effort, limit }: Dialect,
  settings: AnswerSettings,
): { [field: string]: unknown } => ({
  ...(effort && settings.effort !== undefined && { reasoning_effort: settings.effort }),
  ...(limit !== 'none' && settings.maxTokens !== undefined && { [limit]: settings.maxTokens }),
});

/** Fields of a request body for the format of the answer. */
export const formatFields = (
  { format, temperature }: Dialect,
  schema: { [key: string]: unknown },
) => ({
  ...(temperature && { temperature: 0 }),
  ...(format === 'json_object' && { response_format: { type: format } }),
  ...(format === 'json_schema' && {
    response_format: { type: format, json_schema: { name: 'changes', strict: true, schema } },
  }),
});
