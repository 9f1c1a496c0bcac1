import { type Config, settingName, settingText } from '../shared/platform/config/config.ts';
import { functionSettings } from '../shared/platform/config/config-functions.ts';
import type { FunctionName } from './bundle.ts';
import type { Resources } from './permissions.ts';
import { indexKindOf, type Settings } from './settings.ts';

/** Placeholder host until an index exists. Nothing calls it as long as the secret holds no Pinecone key. */
const unsetIndexHost = 'https://no-index-is-set.invalid';

/** Whether there is an index to use, or the stack makes one. */
export const hasIndex = (settings: Settings): boolean =>
  indexKindOf(settings) === 's3vectors' || settingText(settings.service, 'pineconeHost') !== '';

type DerivedSettings = { readonly [field in keyof Config]?: string };

/** Settings that follow from the resources of the stack and cannot be set by the operator. */
const derivedSettings = (
  { table, bucket, queues, secrets, vectors }: Resources,
  settings: Settings,
): DerivedSettings => ({
  stage: settings.stage,
  table: table.tableName,
  bucket: bucket.bucketName,
  turnsQueueUrl: queues.turns.queue.queueUrl,
  upkeepQueueUrl: queues.upkeep.queue.queueUrl,
  filesQueueUrl: queues.files.queue.queueUrl,
  notificationsQueueUrl: queues.notifications.queue.queueUrl,
  secret: secrets.modelKeys.secretArn,
  secretKey: secrets.webhookKey.keyArn,
  indexKind: indexKindOf(settings),
  vectorBucket: vectors?.bucketName ?? '',
  pineconeHost: settingText(settings.service, 'pineconeHost') || unsetIndexHost,
});

/** Returns the environment of a function: all the settings that it reads, and no others. */
export const environmentOf = (
  name: FunctionName,
  resources: Resources,
  settings: Settings,
): { [name: string]: string } => {
  const derived = derivedSettings(resources, settings);
  return Object.fromEntries(
    functionSettings[name].map((field) => [
      settingName(field),
      derived[field] ?? settingText(settings.service, field),
    ]),
  );
};

/** Settings whose change makes the sweeper index every memory again, or search another index, as one line of text. */
export const indexSettingsOf = (settings: Settings): string => {
  const { service } = settings;
  const textOf = (fields: readonly (keyof Config)[]): string =>
    fields.map((field) => `${settingName(field)}=${settingText(service, field)}`).join(' ');
  const embedder = ['embeddingModel', 'pineconeDimension'] as const;
  return indexKindOf(settings) === 's3vectors'
    ? `${s3VectorsMark} ${textOf([...embedder, 'vectorIndexes'])}`
    : textOf([...embedder, 'pineconeBuckets', 'pineconeHost']);
};

const s3VectorsMark = `${settingName('indexKind')}=s3vectors`;

/** Whether a deployed stack, by its settings as text, has its index on S3 Vectors. */
export const isOnS3Vectors = (indexSettings: string): boolean =>
  indexSettings.startsWith(s3VectorsMark);

/** Table, bucket and key of others that the stack uses, as one line of text; `-` for its own. */
export const adoptedOf = ({
  tableName = '-',
  bucketName = '-',
  webhookKeyArn = '-',
}: Pick<Settings, 'tableName' | 'bucketName' | 'webhookKeyArn'>): string =>
  [tableName, bucketName, webhookKeyArn].join(' ');
