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
  'tokensPerDay',
  'projectTokensPerDay',
  'retainEventsDays',
  'retainTurnsDays',
  'retainDeliveriesDays',
] as const satisfies Fields;

const indexSettings = [
  'embeddingModel',
  'indexKind',
  'pineconeDimension',
  'pineconeBuckets',
  'vectorBucket',
  'vectorIndexes',
] as const satisfies Fields;

const retrievalSettings = [
  ...commonSettings,
  ...indexSettings,
  'secret',
  'openaiBaseUrl',
  'model',
  'pineconeHost',
  'bucket',
] as const satisfies Fields;

const refineSettings = [
  'modelEffort',
  'modelMaxTokens',
  'modelTimeoutMs',
] as const satisfies Fields;

const dispatchSettings = [
  'secretKey',
  'webhookSchedule',
  'webhookTimeoutMs',
  'webhookAllow',
  'webhookAllowHttp',
  'dnsServers',
] as const satisfies Fields;

const quotas = ['maxEndpoints', 'maxRecoveries', 'maxJobs'] as const satisfies Fields;

const accessSettings = [
  'corsOrigins',
  'publicUrl',
  'rateLimit',
  'rateBurst',
  'projectRateLimit',
  'projectRateBurst',
  'wrongKeysPerMinute',
  'trustProxy',
  'modelPrices',
] as const satisfies Fields;

/** Settings that each function on AWS reads. The stack passes these to the function and no others. */
export const functionSettings = {
  api: [
    ...retrievalSettings,
    ...refineSettings,
    ...dispatchSettings,
    ...accessSettings,
    ...quotas,
    'upkeepQueueUrl',
  ],
  worker: [
    ...retrievalSettings,
    ...refineSettings,
    'filesQueueUrl',
    'upkeepQueueUrl',
    'webhookAllow',
    'dnsServers',
  ],
  dispatcher: [...commonSettings, ...dispatchSettings],
  sweeper: [...commonSettings, ...indexSettings, 'upkeepQueueUrl'],
} as const satisfies { readonly [name: string]: Fields };
