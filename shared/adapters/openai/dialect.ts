import type { RequestRejected } from './faults.ts';

/** How much of the API a server understands. */
export interface Dialect {
  format: 'json_schema' | 'json_object' | 'text';
  temperature: boolean;
  effort: boolean;
  /** Name of the limit of an answer's tokens. */
  limit: 'max_tokens' | 'max_completion_tokens' | 'none';
  /** Whether instructions may stand in a message of the system; else they come first in the user's. */
  system: boolean;
}

/** What the operator chose for every answer. */
export interface AnswerSettings {
  maxTokens?: number | undefined;
  /** How long a reasoning model thinks; nothing is sent without it. */
  effort?: string | undefined;
}

export const fullDialect = (isOpenAi: boolean): Dialect => ({
  format: 'json_schema',
  temperature: true,
  effort: true,
  limit: isOpenAi ? 'max_completion_tokens' : 'max_tokens',
  system: true,
});

const plainerFormat = { json_schema: 'json_object', json_object: 'text', text: undefined } as const;
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

/** Failing statuses that servers also give for parts of a request they do not understand. */
const partOfRequest =
  /parameter|argument|unsupported|not (?:support|implement)|no endpoints found|failed to parse|template|unrecognized|extra_forbidden/i;

/** Whether a failure may be about the parts that a plainer request leaves out. */
export const mayBeDialect = (providerMessage: string): boolean =>
  partOfRequest.test(providerMessage) ||
  Object.values(about).some((pattern) => pattern.test(providerMessage));

/** What the refusal names, left out; undefined where it names nothing that is still there. */
const withoutNamed = (
  dialect: Dialect,
  providerMessage: string,
  isLimitOther: boolean,
): Dialect | undefined => {
  if (dialect.temperature && about.temperature.test(providerMessage))
    return { ...dialect, temperature: false };
  if (dialect.limit !== 'none' && about.limit.test(providerMessage))
    return { ...dialect, limit: isLimitOther ? 'none' : otherLimit[dialect.limit] };
  if (dialect.effort && about.effort.test(providerMessage)) return { ...dialect, effort: false };
  const format = plainerFormat[dialect.format];
  if (format && about.format.test(providerMessage)) return { ...dialect, format };
  return dialect.system && about.system.test(providerMessage)
    ? { ...dialect, system: false }
    : undefined;
};

/** What to try after a refusal; undefined when the request was the plainest there is. */
export const downgrade = (
  dialect: Dialect,
  { hint }: Pick<RequestRejected, 'hint'>,
  first: Dialect,
): Dialect | undefined => {
  const named = withoutNamed(dialect, hint, dialect.limit !== first.limit);
  if (named) return named;
  const format = plainerFormat[dialect.format];
  if (format) return { ...dialect, format };
  if (dialect.temperature || dialect.effort || dialect.limit !== 'none')
    return { ...dialect, temperature: false, effort: false, limit: 'none' };
  return dialect.system ? { ...dialect, system: false } : undefined;
};

/** The part of a request body that depends on the dialect, the format of the answer apart. */
export const settingFields = (
  { effort, limit }: Dialect,
  settings: AnswerSettings,
): { [field: string]: unknown } => ({
  ...(effort && settings.effort !== undefined && { reasoning_effort: settings.effort }),
  ...(limit !== 'none' && settings.maxTokens !== undefined && { [limit]: settings.maxTokens }),
});

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
