import type { Config } from './config.ts';

type Fields = readonly (keyof Config)[];

const commonSettings = [
  'stage',
  'log',
  'table',
  'turnsQueueUrl',
  'notificationsQueueUrl',
  'refineSchedule',
  'modelGiveUpHours',
  'retainEventsDays',
  'retainTurnsDays',
  'retainDeliveriesDays',
] as const satisfies Fields;

const indexing = [
  'embeddingModel',
  'pineconeDimension',
  'pineconeBuckets',
] as const satisfies Fields;

const retrievalSettings = [
  ...commonSettings,
  ...indexing,
  'secret',
  'openaiBaseUrl',
  'model',
  'pineconeHost',
] as const satisfies Fields;

const refining = ['modelEffort', 'modelMaxTokens', 'modelTimeoutMs'] as const satisfies Fields;

const dispatchSettings = [
  'secretKey',
  'webhookSchedule',
  'webhookTimeoutMs',
  'webhookAllow',
  'webhookAllowHttp',
  'dnsServers',
] as const satisfies Fields;

const quotas = ['maxEndpoints', 'maxRecoveries', 'maxJobs'] as const satisfies Fields;

const answering = [
  'corsOrigins',
  'publicUrl',
  'rateLimit',
  'rateBurst',
  'projectRateLimit',
  'projectRateBurst',
  'wrongKeysPerMinute',
  'trustProxy',
] as const satisfies Fields;

/** The settings that each function on AWS reads; the stack gives it these and no others. */
export const functionSettings = {
  api: [...retrievalSettings, ...dispatchSettings, ...answering, ...quotas],
  worker: [...retrievalSettings, ...refining],
  dispatcher: [...commonSettings, ...dispatchSettings],
  sweeper: [...commonSettings, ...indexing],
} as const satisfies { readonly [name: string]: Fields };
