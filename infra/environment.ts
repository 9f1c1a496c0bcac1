import { type Config, settingName, settingText } from '../shared/platform/config/config.ts';
import { functionSettings } from '../shared/platform/config/config-functions.ts';
import type { FunctionName } from './bundle.ts';
import type { Resources } from './permissions.ts';
import type { Settings } from './settings.ts';

/** Where nothing answers. Without a key to it, which is how it is to be left, nobody asks. */
const noIndex = 'https://no-index-is-set.invalid';

export const hasIndex = ({ service }: Settings): boolean =>
  settingText(service, 'pineconeHost') !== '';

type DerivedSettings = { readonly [field in keyof Config]?: string };

/** What the stack knows better than whoever deploys it. */
const derivedSettings = (
  { table, queues, secrets }: Resources,
  { stage, service }: Settings,
): DerivedSettings => ({
  stage,
  table: table.tableName,
  turnsQueueUrl: queues.turns.queue.queueUrl,
  notificationsQueueUrl: queues.notifications.queue.queueUrl,
  secret: secrets.modelKeys.secretArn,
  secretKey: secrets.webhookKey.keyArn,
  pineconeHost: settingText(service, 'pineconeHost') || noIndex,
});

/** The settings that a function reads, all of them and no others. */
export const environmentOf = (
  name: FunctionName,
  resources: Resources,
  settings: Settings,
): { [name: string]: string } => {
  const known = derivedSettings(resources, settings);
  return Object.fromEntries(
    functionSettings[name].map((field) => [
      settingName(field),
      known[field] ?? settingText(settings.service, field),
    ]),
  );
};
