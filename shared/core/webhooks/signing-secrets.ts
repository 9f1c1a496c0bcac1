import type { Item, Key } from '../../domain/table/items.ts';
import { secretKey } from '../../domain/table/keys.ts';
import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import { maxSecrets } from '../../domain/webhooks/signature.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';
import { everyPage } from '../pagination.ts';

/** Returns the secrets that are valid now, newest first; an expired one counts as absent. */
export const activeSecrets = async (
  { store }: Pick<WebhookPlatform, 'store'>,
  { project, id }: Pick<Endpoint, 'project' | 'id'>,
): Promise<{ key: Key<'SECRET'>; item: Item<'SECRET'> }[]> => {
  const { pk } = secretKey(project, id, 0);
  const range = { kind: 'SECRET', pk, prefix: 'SECRET#', newestFirst: true } as const;
  return everyPage((from) => store.query({ ...range, ...from }));
};

/** Reads by number, which costs less than a query: a secret never outlives its successor, so valid ones are the latest. */
const latestSecrets = async (
  { store }: Pick<WebhookPlatform, 'store'>,
  { project, id, lastSecret }: Pick<Endpoint, 'project' | 'id' | 'lastSecret'>,
): Promise<Item<'SECRET'>[]> => {
  const numbers = Array.from({ length: maxSecrets }, (_, age) => lastSecret - age);
  const keys = numbers.flatMap((number) => (number > 0 ? [secretKey(project, id, number)] : []));
  return (await store.getMany(keys)).filter((item) => item !== undefined);
};

/**
 * Decrypts the valid secrets, newest first. `endpoint` may be outdated: after a rotation without overlap, the secrets are
 * queried instead.
 */
export const decryptSecrets = async (
  platform: Pick<WebhookPlatform, 'store' | 'secretBox'>,
  endpoint: Pick<Endpoint, 'project' | 'id' | 'lastSecret'>,
): Promise<string[]> => {
  const owner = { project: endpoint.project, endpoint: endpoint.id };
  const latest = await latestSecrets(platform, endpoint);
  const secrets =
    latest.length > 0 ? latest : (await activeSecrets(platform, endpoint)).map(({ item }) => item);
  return Promise.all(secrets.map(({ sealed }) => platform.secretBox.open(sealed, owner)));
};
